"""Zones that another writer left are taken over, and the current state is written back as plain Parquet."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import FINAL_BUCKET
from landing_world import LandingZone

from datamart_exec.errors import DatamartError

D = [date(2026, 6, day) for day in range(1, 9)]
Farm = tuple[int, str | None, str | None, str, date]


def farms(*rows: Farm, day: bool = True) -> pa.Table:
    """Farms as another writer leaves them in the zones: target names, other column order, no field ids."""
    columns: dict[str, Any] = {
        "op": pa.array([row[3] for row in rows], pa.string()),
        "farm_nm": pa.array([row[1] for row in rows], pa.string()),
        "farm_identifier": pa.array([row[0] for row in rows], pa.int32()),
        "acres": pa.array([row[2] and Decimal(row[2]) for row in rows], pa.decimal128(20, 4)),
    }
    if day:
        columns["dart_filedate"] = pa.array([row[4] for row in rows], pa.date32())
    return pa.table(columns)


@pytest.fixture
def plain(zone: LandingZone) -> LandingZone:
    """A final zone of two plain files up to the third, and the change zone of two days that led there."""
    zone.world.final(farms((1, "one", "1.5000", "I", D[0]), (2, "two", "2.0000", "I", D[0])))
    zone.world.final(farms((3, "three", None, "U", D[2])), name="2")
    zone.world.changes(farms((3, "tri", None, "I", D[1]), day=False), day="2026-06-02", name="part-2")
    zone.world.changes(farms((4, "four", None, "I", D[1]), day=False), day="2026-06-02", name="part-10")
    zone.world.changes(
        farms((4, None, None, "D", D[2]), (3, "three", None, "U", D[2])), day="2026-06-03", name="x"
    )
    return zone


def names(zone: LandingZone, day: str | None = None) -> dict[int, str | None]:
    return {row["farm_identifier"]: row["farm_nm"] for row in zone.state(day)}


def test_plain_files_become_the_first_snapshot_and_are_gone(plain: LandingZone) -> None:
    plain.land("2026-06-04")
    assert names(plain) == names(plain, "2026-06-03") == {1: "one", 2: "two", 3: "three"}
    assert {row["acres"] for row in plain.state()} == {Decimal("1.5000"), Decimal("2.0000"), None}
    app = plain.world.app
    left = plain.keys(FINAL_BUCKET, f"{app}/farm/")
    assert {key.split("/")[2] for key in left} == {"data", "metadata"}


def test_parts_of_another_writer_stay_in_their_order_beside_new_ones(plain: LandingZone) -> None:
    plain.deliver("20260602-5", [(4, "late", None, "U", D[1]), (5, "five", None, "I", D[1])])
    plain.deliver("20260604-1", [(1, "uno", None, "U", D[3])])
    plain.land("2026-06-04")
    # farm 4 was deleted on the third, after the late row's day
    assert names(plain, "2026-06-03") == {1: "one", 2: "two", 3: "three", 5: "five"}
    assert names(plain) == {1: "uno", 2: "two", 3: "three", 5: "five"}
    assert "2026-06-02" not in plain.table().refs()  # what was there before the third is not known
    changes = plain.changes()
    assert sorted(changes["2026-06-02"]) == [
        (3, "tri", "I"),
        (4, "four", "I"),
        (4, "late", "U"),
        (5, "five", "I"),
    ]
    assert changes["2026-06-03"] == [(4, None, "D"), (3, "three", "U")]
    assert changes["2026-06-04"] == [(1, "uno", "U")]


def test_a_withdrawn_object_gives_back_the_rows_that_were_taken_over(plain: LandingZone) -> None:
    plain.deliver("20260602-5", [(3, "wrong", None, "U", D[1]), (2, None, None, "D", D[1])])
    plain.land("2026-06-04")
    assert names(plain) == {1: "one", 3: "three"}
    plain.withdraw("20260602-5")
    plain.land("2026-06-05")
    assert names(plain) == {1: "one", 2: "two", 3: "three"}
    assert plain.changes()["2026-06-02"] == [(3, "tri", "I"), (4, "four", "I")]


def test_late_rows_are_right_when_dates_leave_the_change_zone(plain: LandingZone) -> None:
    for day in range(4, 8):
        plain.deliver(f"2026060{day}-1", [(day, f"of {day}", None, "I", D[day - 1])])
        plain.land(f"2026-06-0{day}", keep_dates="3")
    assert "taken-over" not in plain.table().refs()
    plain.deliver("20260606-2", [(1, "late", None, "U", D[5])])
    plain.land("2026-06-08", keep_dates="3")
    assert names(plain) == {1: "late", 2: "two", 3: "three"} | {day: f"of {day}" for day in range(4, 8)}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (farms((7, "x" * 21, None, "I", D[0])), "1 of 1 rows do not fit the declared types"),
        (farms((1, "one", None, "I", D[0])), "hold a key"),
        (farms((7, "seven", None, "I", D[0])).drop_columns(["acres"]), "it has no column acres"),
    ],
)
def test_a_zone_that_cannot_be_taken_over_stays_as_it_is(
    plain: LandingZone, bad: pa.Table, message: str
) -> None:
    plain.world.final(bad, name="bad")
    with pytest.raises(DatamartError, match=message):
        plain.land("2026-06-04")
    left = [key for key in plain.keys(FINAL_BUCKET, f"{plain.world.app}/farm/") if "/metadata/" not in key]
    assert [key.rpartition("/")[2] for key in left] == ["1.parquet", "2.parquet", "bad.parquet"]


def test_a_full_load_of_a_time_before_the_zone_was_taken_over_is_refused(plain: LandingZone) -> None:
    plain.deliver("LOAD00000001", [(9, "nine", None, None, D[0])])
    with pytest.raises(DatamartError, match="the full load starts on 2026-06-01"):
        plain.land("2026-06-04")
    plain.deliver("LOAD00000001", [(9, "nine", None, None, D[4])])
    plain.land("2026-06-05")
    assert names(plain) == {9: "nine"}
    assert names(plain, "2026-06-03") == {1: "one", 2: "two", 3: "three"}


def test_the_current_state_is_exported_as_one_plain_object(zone: LandingZone) -> None:
    key = f"{zone.world.app}/_export/farm/farm.parquet"

    def exported() -> tuple[dict[int, str], str]:
        answer = zone.world.s3.get_object(Bucket=FINAL_BUCKET, Key=key)
        rows = pq.read_table(io.BytesIO(answer["Body"].read())).to_pylist()
        return {row["farm_identifier"]: row["farm_nm"] for row in rows}, answer["LastModified"]

    zone.deliver("LOAD00000001", [(1, "one", None, None, D[0]), (2, "two", None, None, D[0])])
    zone.land("2026-06-01")
    assert zone.keys(FINAL_BUCKET, key) == []
    zone.land("2026-06-01", export="yes")
    assert exported()[0] == {1: "one", 2: "two"}
    zone.deliver("20260602-1", [(1, None, None, "D", D[1])])
    zone.land("2026-06-02", export="yes")
    assert exported()[0] == {2: "two"}
    zone.deliver("20260603-1", [(2, None, None, "D", D[2])])
    zone.land("2026-06-03", export="yes")
    assert exported()[0] == {}
