"""Quality of landed rows: measured as an oracle counts it, kept as dataset and in the ledger, and jumps are told."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
from harness import FINAL_BUCKET
from landing_world import LandingZone, Row

from datamart_exec.landing.quality import ColumnQuality, jumps, totals

D1, D2 = date(2026, 6, 1), date(2026, 6, 2)
ROWS: list[Row] = [
    (1, "b", Decimal("1.5000"), "I", D1),
    (2, None, Decimal("-2.0000"), "I", D1),
    (3, "a", None, "U", D2),
    (1, None, Decimal("7.0000"), "U", D2),
    (2, None, None, "D", D2),
]


def ledger(zone: LandingZone) -> dict[tuple[date, str], tuple[Any, ...]]:
    rows = zone.world.rows(
        "SELECT file_dt, col_nm, rcd_ct, null_ct, min_txt, max_txt, distinct_ct, value_ct"
        " FROM dart_process_control.landing_quality ORDER BY 1, 2"
    )
    return {(day, name): tuple(rest) for day, name, *rest in rows}


def dataset(zone: LandingZone) -> dict[tuple[date, str], tuple[Any, ...]]:
    found = {}
    for key in zone.keys(FINAL_BUCKET, f"{zone.world.app}/_quality/farm/"):
        body = zone.world.s3.get_object(Bucket=FINAL_BUCKET, Key=key)["Body"].read()
        for row in pq.read_table(io.BytesIO(body)).to_pylist():
            day = row.pop("dart_filedate")
            assert f"/dart_filedate={day}/" in key
            operations = json.loads(row.pop("operations") or "null")
            name = row.pop("column_name")
            assert not row.pop("full_load")
            assert (day, name) not in found
            found[day, name] = (*row.values(), operations)
    return found


def test_each_column_of_each_day_is_measured_in_dataset_and_ledger(zone: LandingZone) -> None:
    zone.deliver("20260602-1", ROWS)
    zone.land("2026-06-02")
    found = ledger(zone)
    assert found == {
        (D1, "farm_identifier"): (2, 0, "1", "2", 2, None),
        (D1, "farm_nm"): (2, 1, "b", "b", 1, None),
        (D1, "acres"): (2, 0, "-2.0000", "1.5000", 2, None),
        (D1, "op"): (2, 0, "I", "I", 1, {"I": 2}),
        (D1, "dart_filedate"): (2, 0, "2026-06-01", "2026-06-01", 1, None),
        (D2, "farm_identifier"): (3, 0, "1", "3", 3, None),
        (D2, "farm_nm"): (3, 2, "a", "a", 1, None),
        (D2, "acres"): (3, 2, "7.0000", "7.0000", 1, None),
        (D2, "op"): (3, 0, "D", "U", 2, {"D": 1, "U": 2}),
        (D2, "dart_filedate"): (3, 0, "2026-06-02", "2026-06-02", 1, None),
    }
    assert dataset(zone) == found
    zone.land("2026-06-02")
    assert dataset(zone) == ledger(zone) == found


def test_a_jump_against_earlier_days_is_a_warning_of_the_run(zone: LandingZone) -> None:
    for number in range(1, 5):
        day = date(2026, 6, number)
        rows: list[Row] = [
            (key, "name", Decimal("1.0000"), "U" if key % 2 else "I", day) for key in range(30)
        ]
        zone.deliver(f"{day:%Y%m%d}-1", rows)
    zone.land("2026-06-04")
    day = date(2026, 6, 5)
    rows = [
        (key, None if key % 3 else "name", Decimal("1.0000"), "D" if key < 90 else "I", day)
        for key in range(120)
    ]
    zone.deliver("20260605-1", rows)
    zone.land("2026-06-05")
    told = zone.world.rows(
        "SELECT log_message FROM dart_process_control.data_ppln_oper_log WHERE layer_nm = 'LANDING' "
    )
    assert {text for (text,) in told} == {
        "changes of 2026-06-05: 120 rows, 30 is the median of the 4 days before",
        "changes of 2026-06-05: 25% of the rows have op I, 50% in the 4 days before",
        "changes of 2026-06-05: 75% of the rows have op D, 0% in the 4 days before",
        "changes of 2026-06-05: 0% of the rows have op U, 50% in the 4 days before",
        "changes of 2026-06-05: farm_nm is NULL in 67% of the rows, 0% in the 4 days before",
    }


def quality(day: int, rows: int, *, nulls: int = 0, is_load: bool = False) -> list[ColumnQuality]:
    at = D1 + timedelta(days=day)
    return [
        ColumnQuality(at, is_load, "op", rows, 0, values={"I": rows}),
        ColumnQuality(at, is_load, "x", rows, nulls),
    ]


def test_batches_of_a_day_add_up_before_they_are_compared() -> None:
    days = [each for day in range(4) for _ in range(2) for each in quality(day, 50)]
    assert jumps(quality(3, 50), totals(days)) == []
    few = [each for each in days if each.day < D1 + timedelta(days=3)] + quality(3, 10)
    (warning,) = jumps(quality(3, 10), totals(few))
    assert warning == "changes of 2026-06-04: 10 rows, 100 is the median of the 3 days before"


def test_full_loads_are_compared_with_full_loads() -> None:
    days = [each for day in range(4) for each in quality(day, 30)]
    load = quality(4, 10_000, is_load=True)
    assert jumps(load, totals([*days, *load])) == []


def test_too_few_days_or_rows_are_not_compared() -> None:
    short = [each for day in range(2) for each in quality(day, 100)]
    assert jumps(quality(2, 1), totals([*short, *quality(2, 1)])) == []
    small = [each for day in range(5) for each in quality(day, 2)]
    assert jumps(quality(5, 19, nulls=19), totals([*small, *quality(5, 19, nulls=19)])) == []


def test_a_share_of_nulls_that_falls_is_told_too() -> None:
    days = [each for day in range(3) for each in quality(day, 100, nulls=60)]
    (warning,) = jumps(quality(3, 100), totals([*days, *quality(3, 100)]))
    assert warning == "changes of 2026-06-04: x is NULL in 0% of the rows, 60% in the 3 days before"
