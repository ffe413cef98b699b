import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto import mock_aws

from cars_acceptance.source import published, schema, zones
from cars_acceptance.source.errors import SourceError
from cars_acceptance.source.generator import Generator
from cars_acceptance.source.tables import to_arrow

from .repository import car_configs

PLAN = "agricultural_production_plan"
DAY = date(2026, 6, 1)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3 = boto3.client("s3", "us-east-1", aws_access_key_id="local", aws_secret_access_key="local")
        s3.create_bucket(Bucket="final")
        yield s3


def keys(s3: Any, prefix: str) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket="final", Prefix=prefix).get("Contents", ())]


def read(s3: Any, key: str) -> pa.Table:
    return pq.read_table(io.BytesIO(s3.get_object(Bucket="final", Key=key)["Body"].read()))


def test_the_final_zone_has_the_current_rows_of_changed_tables_after_each_day(bucket: Any) -> None:
    target = zones.Zones("final", "cars", schema.read(car_configs()))
    generator = Generator(published.builtin(), farms=20, day=DAY, seed=1)
    written = zones.write(bucket, target, generator.initial_load())
    assert written.files == len(target.schema.tables)
    first = {table: keys(bucket, f"cars/{table}/") for table in target.schema.tables}
    day = generator.next_day()
    zones.write(bucket, target, day)
    for table in target.schema.tables:
        names = keys(bucket, f"cars/{table}/")
        assert (names != first[table]) is (table in day.final)
        assert sum(read(bucket, name).num_rows for name in names) == day.expected.current[table]


def test_change_files_hold_every_row_of_the_day_under_its_date(bucket: Any) -> None:
    target = zones.Zones("final", "cars", schema.read(car_configs()))
    generator = Generator(published.builtin(), farms=20, day=DAY, seed=1)
    loads = [generator.initial_load(), generator.next_day(), generator.next_day()]
    for load in loads:
        zones.write(bucket, target, load)
    second = keys(bucket, f"cars/_cdc/{PLAN}/dart_filedate=2026-06-03/")
    assert len(second) == 3
    assert sum(read(bucket, name).num_rows for name in second) == loads[2].expected.delivered[PLAN]
    yesterday = keys(bucket, f"cars/_cdc/{PLAN}/dart_filedate=2026-06-02/")
    assert [name for name in yesterday if "/20260603-" in name], "the late file is missing"
    assert keys(bucket, f"cars/_cdc/{PLAN}/dart_filedate=2026-06-01/") == []


def test_types_are_those_of_the_model() -> None:
    plan = schema.read(car_configs()).tables[PLAN]
    assert plan.field("crop_field_reported_quantity").type == pa.decimal128(19, 5)
    assert plan.field("skip_row_width").type == pa.decimal128(18, 4)
    assert plan.field("last_change_date").type == pa.timestamp("us")
    assert plan.field("dart_filedate").type == pa.date32()
    assert plan.field(schema.KEYS[PLAN]).type == pa.int64()
    assert plan.field("crop_row_count").type == pa.int32()
    assert plan.field("op").type == pa.string()


def test_the_partition_column_is_in_the_files_of_some_tables_only(bucket: Any) -> None:
    target = zones.Zones("final", "cars", schema.read(car_configs()))
    generator = Generator(published.builtin(), farms=20, day=DAY, seed=1)
    generator.initial_load()
    zones.write(bucket, target, generator.next_day())
    with_column = {
        name.split("/")[2]: "dart_filedate"
        in pq.read_schema(io.BytesIO(bucket.get_object(Bucket="final", Key=name)["Body"].read())).names
        for name in keys(bucket, "cars/_cdc/")
    }
    assert set(with_column.values()) == {True, False}


def test_a_value_that_does_not_fit_is_named_with_its_column() -> None:
    narrow = pa.schema([("quantity", pa.decimal128(5, 2))])
    with pytest.raises(SourceError, match=r"plan\.quantity cannot be decimal128\(5, 2\)"):
        to_arrow("plan", [{"quantity": Decimal("0.001")}], narrow)


def test_a_column_the_model_does_not_have_is_named() -> None:
    with pytest.raises(SourceError, match="source table plan has no column colour in the model"):
        to_arrow("plan", [{"colour": "red"}], pa.schema([("quantity", pa.int64())]))


def edited(tmp_path: Path, old: str, new: str) -> Path:
    path = tmp_path / schema.SOURCES
    path.parent.mkdir(parents=True)
    text = (car_configs() / schema.SOURCES).read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("program_year: integer", "program_year: uuid", r"type of acrsi_farm.program_year is 'uuid'; known are varchar"),
        ("\n  tract:\n", "\n  tractor:\n", "no source table tract$"),
        ("key: field_identifier", "key: field_number", "key of source table field is 'field_number', the generator makes"),
        ("  op: varchar(2) ", "  operation: varchar(2) ", "source table acrsi_farm has no column op"),
    ],
)  # fmt: skip
def test_a_model_the_generator_does_not_fit_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        schema.read(edited(tmp_path, old, new))


def test_a_missing_model_is_named_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError,
        match=r"cannot read the source tables of CARS from .*sources\.yaml: No such file.*without a model",
    ):
        schema.read(tmp_path)
