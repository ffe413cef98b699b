"""Which objects a reference means, and that no more is listed than the script's dates ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from datamart_exec.errors import DatamartError
from datamart_exec.iceberg.as_of import FinalTables, StatesOfTable
from datamart_exec.staging.script import Reference
from datamart_exec.staging.sources import Source, Zones
from datamart_exec.storage import Folder, Storage, StoredObject

ROOT = "cars/_cdc/t/"


@dataclass
class Keys(Storage):
    """A bucket that is a list of keys and remembers what was asked."""

    keys: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    contents: dict[str, bytes] = field(default_factory=dict)  # of objects that are no Parquet

    def first_bytes(self, bucket: str, key: str, count: int) -> bytes:
        return self.contents.get(key, b"PAR1")[:count]

    def objects(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        self.asked.append(prefix)
        return (
            StoredObject(key, "e", len(self.contents.get(key, b"PAR1...PAR1")))
            for key in sorted(self.keys)
            if key.startswith(prefix)
        )

    def folder(self, bucket: str, prefix: str) -> Folder:
        self.asked.append(f"{prefix}/")
        below = [key for key in sorted(self.keys) if key.startswith(prefix)]
        rest = {key[len(prefix) :].split("/")[0] for key in below if "/" in key[len(prefix) :]}
        objects = [StoredObject(key, "e", 11) for key in below if "/" not in key[len(prefix) :]]
        return Folder(tuple(sorted(rest)), tuple(objects))


class Catalog(FinalTables):
    """A catalog whose Iceberg tables are given by name."""

    def __init__(self, **known: StatesOfTable) -> None:
        self.known = known

    def find(self, database: str, table: str) -> StatesOfTable | None:
        assert database == "fsa-dev-cars"
        return self.known.get(table)


def reference(
    first: date | None = None, last: date | None = None, database: str = "fsa-dev-cars-cdc"
) -> Reference:
    return Reference("source_1", database, "t", first, last)


def resolved(
    keys: list[str],
    wanted: Reference,
    contents: dict[str, bytes] | None = None,
    run: date = date(2025, 3, 9),
    **tables: StatesOfTable,
) -> tuple[Source, Keys]:
    storage = Keys([*keys, *(contents or {})], contents=contents or {})
    return Zones(storage, "b", "cars", "dev", run, Catalog(**tables)).resolve("S", wanted), storage


def day(number: int) -> date:
    return date(2025, 3, number)


def partition(number: int, name: str = "1.parquet") -> str:
    return f"{ROOT}dart_filedate=2025-03-{number:02}/{name}"


def test_a_given_date_lists_its_partition_and_nothing_else() -> None:
    source, storage = resolved([partition(1), partition(2)], reference(day(1), day(1)))
    assert [(file.uri, file.partition) for file in source.files] == [(f"s3://b/{partition(1)}", day(1))]
    assert storage.asked == [f"{ROOT}/", f"{ROOT}dart_filedate=2025-03-01/"]


def test_a_short_range_lists_its_dates_one_by_one() -> None:
    source, storage = resolved([partition(number) for number in range(1, 9)], reference(day(2), day(4)))
    assert [file.partition for file in source.files] == [day(2), day(3), day(4)]
    assert len(storage.asked) == 4  # the folder itself, for what lies in no partition


@pytest.mark.parametrize(
    ("first", "last", "expected"), [(3, None, [3, 4]), (None, 2, [1, 2]), (None, None, [1, 2, 3, 4])]
)
def test_an_open_range_lists_the_partitions_that_exist(
    first: int | None, last: int | None, expected: list[int]
) -> None:
    wanted = reference(day(first) if first else None, day(last) if last else None)
    source, _ = resolved([partition(number) for number in range(1, 5)], wanted)
    assert [file.partition for file in source.files] == [day(number) for number in expected]


def test_an_empty_day_has_the_columns_of_the_newest_partition() -> None:
    source, _ = resolved([partition(1), partition(5), "cars/t/1.parquet"], reference(day(9), day(9)))
    assert source.files == ()
    assert source.schema_file is not None
    assert source.schema_file.uri == f"s3://b/{partition(5)}"


def names(source: Source) -> list[str]:
    return [file.object.key.rpartition("/")[2] for file in source.files]


def test_hidden_objects_and_empty_markers_are_no_data() -> None:
    hidden = ("_SUCCESS", ".1.parquet.crc", "_tmp/1.parquet", ".hive-staging_1/1.parquet", "1.PARQUET")
    empty = {partition(1, name): b"" for name in ("", "sub_$folder$", "marker")}
    source, _ = resolved([partition(1, name) for name in hidden], reference(day(1), day(1)), empty)
    assert names(source) == ["1.PARQUET"]
    assert source.unread == ()


@pytest.mark.parametrize("name", ["LOAD0001_0", "1.parq", "1.parquet.snappy", "part-0", "1.csv", "1.parquet"])
def test_what_is_parquet_by_its_content_is_read_whatever_its_name(name: str) -> None:
    source, _ = resolved([partition(1, name)], reference(day(1), day(1)))
    assert names(source) == [name]


def test_objects_that_nobody_reads_are_named() -> None:
    foreign = {partition(1, "notes.txt"): b"hello", partition(1, "x_0"): b"a,b"}
    source, _ = resolved([partition(1)], reference(day(1), day(1)), foreign)
    assert names(source) == ["1.parquet"]
    assert source.unread == (partition(1, "notes.txt"), partition(1, "x_0"))


@pytest.mark.parametrize("days", [(day(2), day(2)), (day(1), day(3)), (None, None)])
def test_a_day_whose_objects_are_all_no_parquet_is_not_taken_for_empty(
    days: tuple[date | None, date | None],
) -> None:
    with pytest.raises(
        DatamartError, match=r"^S: no object under s3://b/.*-02/ is a Parquet file \(1 objects, such"
    ):
        resolved([partition(1)], reference(*days), {partition(2, "1.csv"): b"a,b"})


def test_a_final_table_whose_objects_are_all_no_parquet_names_them() -> None:
    with pytest.raises(DatamartError, match=r"such as cars/t/1.csv\); write them as Parquet or remove them"):
        resolved([], reference(database="fsa-dev-cars"), {"cars/t/1.csv": b"a,b"})


@pytest.mark.parametrize("folder", ["_temporary/0/1.parquet", ".hive-staging_1/1.parquet", "_SUCCESS"])
def test_hidden_folders_beside_the_partitions_are_ignored(folder: str) -> None:
    for wanted in (reference(), reference(day(9), day(9))):
        source, _ = resolved([partition(1), ROOT + folder], wanted)
        assert [file.object.key for file in source.schema_files] == [partition(1)]


def test_a_table_whose_name_starts_like_another_is_not_read() -> None:
    source, _ = resolved(["cars/t/1.parquet", "cars/tract/1.parquet"], reference(database="fsa-dev-cars"))
    assert [file.object.key for file in source.files] == ["cars/t/1.parquet"]


def test_an_unknown_database_is_named_with_the_known_ones() -> None:
    with pytest.raises(
        DatamartError,
        match=r"^S: unknown database `fsa-prod-cars`.`t`; known are `fsa-dev-cars` and `fsa-dev",
    ):
        resolved([], reference(database="fsa-prod-cars"))


def test_a_partition_that_is_no_date_is_named() -> None:
    with pytest.raises(
        DatamartError, match=r"^partition cars/_cdc/t/dart_filedate=2025-3-1/ must be YYYY-MM-DD"
    ):
        resolved([f"{ROOT}dart_filedate=2025-3-1/1.parquet"], reference())


def test_objects_and_folders_in_no_partition_are_named() -> None:
    stray = [
        f"{ROOT}20250301-1.parquet",
        f"{ROOT}old/1.parquet",
        f"{ROOT}_SUCCESS",
        f"{ROOT}_temporary/0/1.parquet",
    ]
    source, _ = resolved([partition(1), *stray], reference(day(1), day(1)))
    assert [file.uri for file in source.files] == [f"s3://b/{partition(1)}"]
    assert source.unread == (f"{ROOT}20250301-1.parquet", f"{ROOT}old/")


@pytest.mark.parametrize(("run", "warned"), [(3, True), (4, False), (5, False)])
def test_a_plain_final_zone_warns_a_run_that_is_not_of_its_newest_date(run: int, *, warned: bool) -> None:
    keys = ["cars/t/1.parquet", partition(2), partition(4), f"{ROOT}old/1.parquet"]
    source, _ = resolved(keys, reference(database="fsa-dev-cars"), run=day(run))
    expected = (
        "`fsa-dev-cars`.`t` is plain Parquet and was read as it is today, with changes up to 2025-03-04, not as of"
        f" 2025-03-0{run}; land the table to read the state of each day"
    )
    assert source.warning == (expected if warned else "")


def test_an_iceberg_table_that_the_catalog_does_not_know_is_not_read_as_plain_files() -> None:
    """Its folder holds the files of all its states."""
    keys = ["cars/t/data/1.parquet", "cars/t/data/2.parquet"]
    metadata = {"cars/t/metadata/00001-a.metadata.json": b"{}"}
    with pytest.raises(
        DatamartError, match=r"^S: s3://b/cars/t/ holds an Iceberg table .*; register it there$"
    ):
        resolved(keys, reference(database="fsa-dev-cars"), metadata)


def table_with_edge(edge: str) -> StatesOfTable:
    metadata = {
        "properties": {"cars.edge-day": edge},
        "current-schema-id": 0,
        "schemas": [{"schema-id": 0, "fields": [{"id": 1, "name": "Acres", "type": "decimal(18, 4)"}]}],
    }
    return StatesOfTable(Storage(), "t", metadata)


@pytest.mark.parametrize("last", [2, 5, 60])
def test_a_date_that_has_left_the_change_zone_is_refused_and_not_taken_for_empty(last: int) -> None:
    wanted = reference(day(2), date(2025, 3, 1) + timedelta(days=last - 1))
    with pytest.raises(
        DatamartError, match=r"up to 2025-03-02 have left .* reads from 2025-03-02 on; .* an initial"
    ):
        resolved([partition(3), partition(4)], wanted, t=table_with_edge("2025-03-02"))


def test_an_empty_date_after_the_edge_has_the_columns_of_the_table() -> None:
    source, _ = resolved([partition(5)], reference(day(4), day(4)), t=table_with_edge("2025-03-03"))
    assert source.files == source.schema_files == ()
    assert [(field.name, field.type) for field in source.fields or ()] == [("acres", "DECIMAL(18,4)")]


def test_a_date_that_has_its_files_still_is_read_whatever_the_edge_says() -> None:
    """A landing moves the edge first, then deletes."""
    source, _ = resolved([partition(2)], reference(day(2), day(2)), t=table_with_edge("2025-03-03"))
    assert [file.partition for file in source.files] == [day(2)]
