"""Tables that somebody else made or changed: staging reads them rightly by field id, or refuses them by name."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pytest
from harness import FINAL_BUCKET, World
from landing_world import make_database
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.partitioning import UNPARTITIONED_PARTITION_SPEC
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record
from pyiceberg.types import DecimalType, IntegerType, LongType, NestedField, StringType

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.catalog import open_catalog
from datamart_exec.iceberg.as_of import FinalTables, StatesOfTable
from datamart_exec.iceberg.manifests import data_files
from datamart_exec.storage import Storage

D1, D2 = "2026-06-01", "2026-06-02"
SCHEMA = Schema(
    NestedField(1, "farm_identifier", IntegerType(), required=False),
    NestedField(2, "farm_nm", StringType(), required=False),
    NestedField(3, "acres", DecimalType(9, 2), required=False),
)


@pytest.fixture
def farm(world: World) -> Table:
    """A table of somebody else, with one row and the tag of a day."""
    make_database(world)
    name = (f"fsa-{world.env}-{world.app}", "farm")
    table = open_catalog().create_table(name, SCHEMA, location=f"s3://{FINAL_BUCKET}/{world.app}/farm")
    append(table, D1, farm_identifier=1, farm_nm="one", acres="1.50")
    return table


def append(table: Table, tag: str, **values: Any) -> None:
    arrow = table.schema().as_arrow()
    columns = {name: pa.array([value]).cast(arrow.field(name).type) for name, value in values.items()}
    table.append(pa.table(columns))
    snapshot = table.current_snapshot()
    assert snapshot is not None
    table.manage_snapshots().create_tag(snapshot.snapshot_id, tag).commit()


def staged(world: World, columns: str, day: str = D2) -> list[tuple[Any, ...]]:
    world.staging(f"SELECT {columns} FROM `fsa-{{env}}-cars`.`farm` f")
    world.release()
    world.run("STG", "FARM", day)
    return world.rows("SELECT farm_id, farm_nm, acres::text, st_cd FROM cars_stg.farm ORDER BY 1")


ALL = "f.farm_identifier AS farm_id, f.farm_nm, f.acres"


def test_a_renamed_column_is_found_in_older_files_and_a_new_one_of_its_old_name_is_not(
    world: World, farm: Table
) -> None:
    with farm.update_schema() as update:
        update.rename_column("farm_nm", "title")
    with farm.update_schema() as update:
        update.add_column("farm_nm", StringType())
    append(farm, D2, farm_identifier=2, title="two", farm_nm="nn", acres="2.00")
    rows = staged(world, "f.farm_identifier AS farm_id, f.title AS farm_nm, f.farm_nm AS st_cd")
    assert rows == [(1, "one", None, None), (2, "two", None, "nn")]


def test_an_added_column_is_null_in_older_files_and_in_states_before_it(world: World, farm: Table) -> None:
    with farm.update_schema() as update:
        update.add_column("state", StringType())
    append(farm, D2, farm_identifier=2, farm_nm="two", acres="2.00", state="KS")
    columns = f"{ALL}, f.state AS st_cd"
    assert staged(world, columns, D1) == [(1, "one", "1.5000", None)]
    assert staged(world, columns, D2) == [(1, "one", "1.5000", None), (2, "two", "2.0000", "KS")]


def test_a_widened_column_is_read_from_narrow_and_wide_files(world: World, farm: Table) -> None:
    with farm.update_schema() as update:
        update.update_column("farm_identifier", field_type=LongType())
        update.update_column("acres", field_type=DecimalType(18, 2))
    append(farm, D2, farm_identifier=1 << 40, farm_nm="far", acres="9999999999999.25")
    assert staged(world, ALL) == [(1, "one", "1.5000", None), (1 << 40, "far", "9999999999999.2500", None)]
    assert staged(world, ALL, D1) == [(1, "one", "1.5000", None)]


def test_a_deleted_column_is_not_read_from_older_files(world: World, farm: Table) -> None:
    with farm.update_schema() as update:
        update.delete_column("farm_nm")
    with pytest.raises(DatamartError, match="farm_nm"):
        staged(world, ALL)


def test_a_state_without_rows_is_an_empty_table_with_the_columns_of_its_table(
    world: World, farm: Table
) -> None:
    farm.delete()
    snapshot = farm.current_snapshot()
    assert snapshot is not None
    farm.manage_snapshots().create_tag(snapshot.snapshot_id, D2).commit()
    assert staged(world, ALL) == []


def test_plain_files_that_were_added_to_a_table_are_read_by_its_name_mapping(
    world: World, farm: Table
) -> None:
    rows = pa.table({"FARM_NM": ["taken over"], "farm_identifier": pa.array([7], pa.int32())})
    world.put(f"{world.app}/farm/plain.parquet", rows.rename_columns(["farm_nm", "farm_identifier"]))
    farm.add_files([f"s3://{FINAL_BUCKET}/{world.app}/farm/plain.parquet"])
    snapshot = farm.current_snapshot()
    assert snapshot is not None
    farm.manage_snapshots().create_tag(snapshot.snapshot_id, D2).commit()
    assert staged(world, ALL) == [(1, "one", "1.5000", None), (7, "taken over", None, None)]
    with farm.transaction() as transaction:
        transaction.remove_properties("schema.name-mapping.default")
    with pytest.raises(
        DatamartError, match=r"plain.parquet has no field ids and its table has no name mapping"
    ):
        staged(world, ALL)


def test_a_partitioned_table_is_refused(world: World, farm: Table) -> None:
    with farm.update_spec() as update:
        update.add_field("farm_identifier", IdentityTransform())
    with pytest.raises(DatamartError, match=r"`farm` is partitioned, so it was not written by the landing"):
        staged(world, ALL)


def test_a_catalog_that_does_not_answer_is_an_error_and_not_a_plain_zone(
    world: World, farm: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", "http://127.0.0.1:9")
    with pytest.raises(
        DatamartError, match=r"^cannot ask the Glue Data Catalog for fsa-.*farm: .*glue:GetTable"
    ):
        staged(world, ALL)


def test_a_table_of_the_catalog_without_iceberg_is_plain(world: World) -> None:
    make_database(world)
    database = f"fsa-{world.env}-{world.app}"
    boto3.client("glue").create_table(
        DatabaseName=database, TableInput={"Name": "farm", "TableType": "EXTERNAL_TABLE"}
    )
    assert FinalTables(Storage()).find(database, "farm") is None
    assert FinalTables(Storage()).find(database, "absent") is None
    assert FinalTables(Storage()).find("absent", "farm") is None


def test_metadata_may_be_compressed(world: World, farm: Table) -> None:
    key = farm.metadata_location.removeprefix(f"s3://{FINAL_BUCKET}/")
    body = world.s3.get_object(Bucket=FINAL_BUCKET, Key=key)["Body"].read()
    world.put(key, gzip.compress(body))
    assert staged(world, ALL) == [(1, "one", "1.5000", None)]


@dataclass
class Files(Storage):
    """A bucket that is a dictionary."""

    bodies: dict[str, bytes] = field(default_factory=dict)

    def read(self, bucket: str, key: str) -> bytes:
        return self.bodies[f"s3://{bucket}/{key}"]


class DeletesWriter(ManifestWriterV2):
    """Writes a manifest of delete files, as Spark does with merge-on-read."""

    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


def snapshot_of(folder: Path, file: DataFile, writer: type[ManifestWriterV2] = ManifestWriterV2) -> Files:
    """A snapshot with one file."""
    io = PyArrowFileIO()
    manifest, listing = folder / "m.avro", folder / "list.avro"
    with writer(UNPARTITIONED_PARTITION_SPEC, SCHEMA, io.new_output(str(manifest)), 1, "null") as entries:
        entries.add_entry(
            ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=1, data_file=file)
        )
    made = entries.to_manifest_file()
    made._data[0] = "s3://b/m.avro"
    with write_manifest_list(2, io.new_output(str(listing)), 1, None, 1, "null") as lists:
        lists.add_manifests([made])
    return Files({"s3://b/m.avro": manifest.read_bytes(), "s3://b/list.avro": listing.read_bytes()})


def data_file(
    path: str = "s3://b/1.parquet",
    content: DataFileContent = DataFileContent.DATA,
    kind: FileFormat = FileFormat.PARQUET,
) -> DataFile:
    file = DataFile.from_args(
        content=content,
        file_path=path,
        file_format=kind,
        partition=Record(),
        record_count=1,
        file_size_in_bytes=9,
    )
    file.spec_id = 0
    return file


def test_a_snapshot_gives_its_data_files(tmp_path: Path) -> None:
    found = data_files(snapshot_of(tmp_path, data_file()), "t", "s3://b/list.avro")
    assert found == [("s3://b/1.parquet", 9)]


@pytest.mark.parametrize(
    "content",
    [DataFileContent.POSITION_DELETES, DataFileContent.EQUALITY_DELETES],
    ids=lambda kind: kind.name,
)
def test_deletes_beside_the_data_are_refused(tmp_path: Path, content: DataFileContent) -> None:
    files = snapshot_of(tmp_path, data_file("s3://b/deletes.parquet", content), DeletesWriter)
    with pytest.raises(
        DatamartError, match=r"^t has delete files such as s3://b/deletes.parquet \(merge-on-read\)"
    ):
        data_files(files, "t", "s3://b/list.avro")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (
            data_file("s3://b/1.orc", kind=FileFormat.ORC),
            "^t has the ORC file s3://b/1.orc; staging reads Parquet",
        ),
        (
            data_file("hdfs://b/1.parquet"),
            "^t has the data file hdfs://b/1.parquet; staging reads s3:// only",
        ),
    ],
)
def test_files_that_staging_cannot_read_are_refused(tmp_path: Path, file: DataFile, expected: str) -> None:
    with pytest.raises(DatamartError, match=expected):
        data_files(snapshot_of(tmp_path, file), "t", "s3://b/list.avro")


def states(**changed: object) -> StatesOfTable:
    metadata: dict[str, Any] = json.loads(
        """{"format-version": 2, "partition-specs": [{"fields": []}], "current-schema-id": 1, "refs": {},
            "schemas": [{"schema-id": 1, "fields": [{"id": 1, "name": "A", "type": "long"}]}]}"""
    )
    return StatesOfTable(Storage(), "t", {**metadata, **changed})


def refs(*names: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "main", {"type": "branch", "snapshot-id": 1}
    for name in names:
        yield name, {"type": "tag", "snapshot-id": 1}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "it has no tag of a day"),
        (["load-2026-05-01", "release"], "it has no tag of a day"),
        (["2026-06-02"], "its tags begin with 2026-06-02"),
        (["2026-06-04", "2026-06-02"], "its tags go from 2026-06-02 to 2026-06-04"),
    ],
)
def test_a_day_before_all_tags_is_refused_with_those_there_are(names: list[str], expected: str) -> None:
    with pytest.raises(DatamartError, match=rf"^t has no state of 2026-06-01 or before, {expected};"):
        states(refs=dict(refs(*names))).state(date(2026, 6, 1))


def test_another_format_version_is_refused() -> None:
    with pytest.raises(DatamartError, match=r"^t has Iceberg format version 3; staging reads version 2"):
        states(**{"format-version": 3}).state(date(2026, 6, 1))


def test_columns_that_differ_only_in_case_are_refused() -> None:
    fields = [{"id": 1, "name": "A", "type": "long"}, {"id": 2, "name": "a", "type": "long"}]
    with pytest.raises(DatamartError, match=r"^t has two columns named a;"):
        states(schemas=[{"schema-id": 1, "fields": fields}]).fields  # noqa: B018
