"""Bad input of the landing zone: a clear message each, nothing lost, and the earlier state still read."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import FINAL_BUCKET, log_lines
from landing_world import FARM, LANDING_BUCKET, LandingZone, farm_table

from datamart_exec.errors import DatamartError
from datamart_exec.landing.reading import Reader
from datamart_exec.storage import Storage, StoredObject

D1, D2, D3 = (date(2026, 6, day) for day in (1, 2, 3))
ONE = (1, "one", Decimal("1.5000"), None, D1)
TWO = (2, "two", Decimal("2.0000"), "I", D2)
FIRST = {1: ("one", "1.5000")}
BOTH = {1: ("one", "1.5000"), 2: ("two", "2.0000")}


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def failure(zone: LandingZone, day: str = "2026-06-02", **more: str) -> str:
    """The message of a landing that fails."""
    with pytest.raises(DatamartError) as caught:
        zone.land(day, **more)
    assert len(str(caught.value)) <= 400
    return str(caught.value)


@pytest.fixture
def landed(zone: LandingZone) -> LandingZone:
    """A zone whose first full load has been landed."""
    zone.deliver("LOAD00000001", [ONE])
    zone.land("2026-06-01")
    return zone


def warnings(zone: LandingZone) -> list[str]:
    rows = zone.world.rows(
        "SELECT log_message FROM dart_process_control.data_ppln_oper_log"
        " WHERE log_type = 'WARNING' AND layer_nm = 'LANDING'"
    )
    return [text for (text,) in rows]


GOOD = parquet(farm_table([TWO] * 200))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (GOOD[: len(GOOD) // 2], "No magic bytes found at end of file"),
        (b"farm_identifier,name\n1,one\n" * 20, "No magic bytes found at end of file"),
        (b"", "too small to be a Parquet file"),
        (GOOD[:4] + b"\x55" * 300 + GOOD[304:], ""),
        (
            parquet(farm_table([TWO]).append_column("NAME", pa.array(["x"]))),
            "has two columns named name",
        ),
        (
            parquet(farm_table([TWO]).set_column(2, "acres", pa.array([Decimal(1)], pa.decimal256(40, 2)))),
            "column acres is decimal(40,2), which cannot become decimal(18,4)",
        ),
        (parquet(farm_table([TWO]).drop_columns(["op"])), "there is no column op"),
    ],
    ids=["truncated", "text", "empty", "damaged pages", "column twice", "decimal too wide", "no operation"],
)
def test_an_object_that_cannot_be_read_is_quarantined(landed: LandingZone, body: bytes, reason: str) -> None:
    landed.deliver("20260602-1", [TWO])
    landed.deliver("20260602-2", body)
    message = failure(landed)
    assert message.startswith("LANDING.farm: 1 object cannot be read: ")
    assert landed.key("20260602-2") in message
    assert landed.farms() == FIRST
    (entry,) = landed.world.rows(
        "SELECT outcome_nm, reason_txt FROM dart_process_control.landing_obj WHERE obj_key LIKE '%20260602-2.parquet'"
    )
    assert entry[0] == "Quarantined"
    assert reason in entry[1]
    landed.land("2026-06-02", on_unreadable="continue")
    assert landed.farms() == BOTH
    assert [text for text in warnings(landed) if "20260602-2" in text and "cannot be read" in text]
    landed.deliver("20260602-2", [(3, "three", Decimal("3.0000"), "I", D2)])
    landed.land("2026-06-02")
    assert landed.farms() == {**BOTH, 3: ("three", "3.0000")}


def test_a_corrected_object_that_cannot_be_read_keeps_the_rows_that_it_brought(landed: LandingZone) -> None:
    landed.deliver("20260602-1", [TWO])
    landed.land("2026-06-02")
    landed.deliver("20260602-1", GOOD[:-30])
    landed.land("2026-06-02", on_unreadable="continue")
    assert landed.farms() == BOTH
    assert landed.manifest()["20260602-1"] == ("Loaded", 1, 0)


def test_the_good_objects_beside_one_in_many_are_read(landed: LandingZone) -> None:
    for number in range(60):
        rows = [(100 + number, f"n{number}", Decimal("1.0000"), "I", D2)]
        landed.deliver(f"20260602-{number}", GOOD[:-9] if number == 37 else rows)
    landed.land("2026-06-02", on_unreadable="continue")
    assert set(landed.farms()) == {1, *(100 + number for number in range(60) if number != 37)}
    assert landed.manifest()["20260602-37"][0] == "Quarantined"


def rejects(zone: LandingZone, name: str) -> list[tuple[Any, ...]]:
    key = f"{zone.world.app}/_rejects/farm/{name}.parquet"
    body = zone.world.s3.get_object(Bucket=FINAL_BUCKET, Key=key)["Body"].read()
    return [tuple(row.values()) for row in pq.read_table(io.BytesIO(body)).to_pylist()]


def test_rows_that_do_not_fit_go_to_the_area_of_rejects_with_column_class_and_reason(
    landed: LandingZone,
) -> None:
    wide = pa.schema([*farm_table([]).schema])
    wide = wide.set(2, pa.field("acres", pa.decimal128(38, 4))).set(4, pa.field("dart_filedate", pa.string()))
    rows = [
        (2, "two", Decimal("2.0000"), "I", "2026-06-02"),
        (3, "x" * 21, Decimal("3.0000"), "I", "2026-06-02"),
        (4, "four", Decimal("100000000000000.0000"), "I", "2026-06-02"),
        (None, "no key", Decimal("5.0000"), "U", "2026-06-02"),
        (6, "six", Decimal("6.0000"), "X", "2026-06-02"),
        (7, "seven", Decimal("7.0000"), None, "2026-06-02"),
        (8, "eight", Decimal("8.0000"), "I", "02.06.2026"),
        (9, None, None, "D", None),
    ]
    columns = [list(column) for column in zip(*rows, strict=True)]
    landed.deliver("20260602-1", pa.table(columns, schema=wide))
    message = failure(landed)
    assert "6 of 8 rows do not fit the declared types, more than --reject_percent 1 allows" in message
    assert landed.farms() == FIRST
    landed.land("2026-06-02", reject_percent="75")
    assert landed.farms() == BOTH
    assert landed.manifest()["20260602-1"] == ("Loaded", 8, 6)
    key = landed.key("20260602-1")
    assert rejects(landed, "20260602-1") == [
        (key, 2, "farm_nm", "text of 21 characters", "does not fit varchar(20)"),
        (key, 3, "acres", "decimal(38,4) of 20 characters", "does not fit decimal(18,4)"),
        (key, 4, "farm_identifier", "NULL", "no column of the key has a value"),
        (key, 5, "op", "text of 1 characters", "is no operation of a table with a key: I, U, D"),
        (key, 6, "op", "NULL", "is no operation of a table with a key: I, U, D"),
        (key, 7, "dart_filedate", "text of 10 characters", "is no date"),
    ]
    landed.deliver("20260602-1", [TWO])
    landed.land("2026-06-02")
    assert not landed.keys(FINAL_BUCKET, f"{landed.world.app}/_rejects/")


def test_an_object_of_300_columns_lands(zone: LandingZone) -> None:
    names = [f"column_{number}" for number in range(300)]
    columns = [
        {"src_col_nm": name, "target_column_name": name, "data_type": "nvarchar(30)"} for name in names
    ]
    zone.declare({**FARM, "columns": [*FARM["columns"], *columns]})
    table = farm_table([TWO])
    for name in names:
        table = table.append_column(name.upper(), pa.array([f"value of {name}"]))
    zone.deliver("20260602-1", table)
    zone.land("2026-06-02")
    (row,) = zone.state()
    assert [row[name] for name in names] == [f"value of {name}" for name in names]


@pytest.mark.parametrize("continues", ["fail", "continue"])
def test_an_object_that_changes_while_it_is_read_fails_the_table(
    landed: LandingZone, monkeypatch: pytest.MonkeyPatch, continues: str
) -> None:
    landed.deliver("20260602-1", [TWO])
    listing = Storage.objects

    def then_replaced(self: Storage, bucket: str, prefix: str) -> Iterator[StoredObject]:
        found = list(listing(self, bucket, prefix))
        if bucket == LANDING_BUCKET and prefix.endswith("/dbo/"):
            landed.deliver("20260602-1", [(2, "TWO", Decimal("2.0000"), "I", D2)])
        return iter(found)

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "objects", then_replaced)
        message = failure(landed, on_unreadable=continues)
    assert f"{landed.key('20260602-1')} changed while it was read (its ETag was " in message
    assert message.endswith("nothing was landed, run again when the delivery has ended")
    assert landed.farms() == FIRST
    landed.land("2026-06-02")
    assert landed.farms() == {**FIRST, 2: ("TWO", "2.0000")}


def test_a_plain_table_of_somebody_else_at_our_name_is_left_alone(zone: LandingZone) -> None:
    zone.deliver("LOAD00000001", [ONE])
    database = f"fsa-{zone.world.env}-{zone.world.app}"
    glue = boto3.client("glue")
    theirs = {
        "Name": "farm",
        "StorageDescriptor": {"Location": "s3://somewhere/else/"},
        "Parameters": {"a": "b"},
    }
    glue.create_table(DatabaseName=database, TableInput=theirs)
    message = failure(zone)
    assert message.startswith(
        f"LANDING.farm: {database}.farm is in the catalog, but is no Iceberg table; delete that entry"
    )
    assert glue.get_table(DatabaseName=database, Name="farm")["Table"]["Parameters"] == {"a": "b"}


def test_an_iceberg_table_of_somebody_else_at_our_name_is_left_alone(landed: LandingZone) -> None:
    with landed.table().transaction() as transaction:
        transaction.remove_properties("cars.key")
    landed.deliver("20260602-1", [TWO])
    assert "was not made by the landing" in failure(landed)
    assert landed.farms() == FIRST


def test_a_commit_that_lost_the_race_changes_nothing(
    landed: LandingZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    landed.deliver("20260602-1", [TWO])
    start = Reader.start

    def meanwhile(self: Reader) -> None:
        start(self)
        table = landed.table()
        table.append(table.scan().to_arrow())

    with monkeypatch.context() as patched:
        patched.setattr(Reader, "start", meanwhile)
        message = failure(landed)
    assert "somebody else committed at the same time" in message
    assert message.endswith("nothing was changed, run it again")
    assert landed.farms("2026-06-01") == FIRST
    assert landed.manifest().keys() == {"LOAD00000001"}
    assert landed.changes() == {}


def test_a_full_disk_while_spilling_ends_the_table_and_the_next_run_lands_it(
    landed: LandingZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 400_000
    table = pa.table(
        [
            pa.array(range(2, count + 2), pa.int64()),
            pa.array([f"{number * 2_654_435_761 % 10**18:018}" for number in range(count)]),
            pa.array([Decimal("1.0000")] * count, pa.decimal128(18, 4)),
            pa.array(["I"] * count),
            pa.array([D2] * count, pa.date32()),
        ],
        schema=farm_table([]).schema,
    )
    landed.deliver("20260602-1", table)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))  # what a full disk does to a write
        message = failure(landed, memory_limit_mb="24")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert message.startswith("LANDING.farm: IO Error: Could not write file")
    assert message.endswith(
        "; free the disk of the temporary folder, then run again. The earlier state is still read"
    )
    assert landed.farms() == FIRST
    assert landed.manifest().keys() == {"LOAD00000001"}
    landed.land("2026-06-02")
    assert len(landed.state()) == count + 1


def test_folders_and_names_that_no_table_takes_are_told(
    landed: LandingZone, capsys: pytest.CaptureFixture[str]
) -> None:
    landed.deliver("20260602-1", [TWO], table="Tract")
    landed.deliver("20260602-2", [TWO], table="Tract")
    landed.deliver("20261302-1", [TWO])
    landed.deliver("20260602-1", [TWO])
    capsys.readouterr()
    landed.land("2026-06-02")
    folder = f"{landed.world.app}/dbo/Tract/"
    expected = {
        f"{folder}: 2 objects not landed: no table of the target schema, or no name of the landing zone",
        f"{landed.key('20261302-1')}: 1 object not landed: no table of the target schema, or no name of the landing zone",
    }
    assert set(warnings(landed)) == expected
    logged = {line["message"] for line in log_lines(capsys.readouterr().out) if line["level"] == "WARNING"}
    assert expected <= logged


def test_a_repeated_delivery_is_left_out_and_told(landed: LandingZone) -> None:
    landed.deliver("20260602-1", [TWO])
    landed.deliver("20260603-7", [TWO])
    landed.land("2026-06-03")
    assert landed.farms() == BOTH
    assert landed.manifest()["20260603-7"] == ("Repeated", None, None)
    assert warnings(landed) == [
        f"{landed.key('20260603-7')}: left out, a repeated delivery of {landed.key('20260602-1')}"
    ]


def test_other_tables_are_landed_beside_one_that_fails(zone: LandingZone) -> None:
    zone.declare(FARM, {**FARM, "source_table": "Tract", "target_table": "tract"})
    zone.deliver("20260602-1", b"no parquet")
    zone.deliver("20260602-1", [TWO], table="Tract")
    assert "LANDING.farm: 1 object cannot be read" in failure(zone)
    assert [row["farm_identifier"] for row in zone.state(name="tract")] == [2]
    assert [status for status, _, _ in zone.world.ledger("TRACT")] == ["Complete"]
    assert [status for status, _, _ in zone.world.ledger("FARM")] == ["Failed"]
