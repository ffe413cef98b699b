"""Notes of the pipeline before this one: what they name is not landed again, when the final zone has its rows."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from landing_world import LANDING_BUCKET, LandingZone

from datamart_exec.landing.earlier_state import named_keys

KEYS = [
    "cars/dbo/Farm/20260601-1.parquet",
    "cars/dbo/Tract/20260601-1.parquet",
    "cars/dbo/Farm/LOAD00000001.parquet",
]
ONE = (1, "one", Decimal("1.5000"), "I", date(2026, 6, 1))
TWO = (2, "two", Decimal("2.0000"), "I", date(2026, 6, 2))


@pytest.mark.parametrize(
    "document",
    [
        ["cars/dbo/Farm/20260601-1.parquet"],
        ["s3://landing/cars/dbo/Farm/20260601-1.parquet"],
        ["/dbo/Farm/20260601-1.parquet"],
        {"Farm": ["20260601-1.parquet"]},
        {"files": [{"table": "farm", "file_name": "20260601-1.parquet"}]},
        {"cars/dbo/Farm/20260601-1.parquet": {"etag": "x"}},
        {"job_id": 7, "downloaded": [{"Key": "cars/dbo/Farm/20260601-1.parquet", "Size": 1}]},
    ],
)
def test_names_of_any_shape_are_found(document: object) -> None:
    assert named_keys([document], KEYS) == (frozenset({KEYS[0]}), 0)


def test_a_name_without_table_must_be_the_only_one() -> None:
    found, unknown = named_keys([["20260601-1.parquet", "LOAD00000001.parquet", "gone.parquet"]], KEYS)
    assert (found, unknown) == (frozenset({KEYS[2]}), 2)


def note(zone: LandingZone, *names: str) -> None:
    body = json.dumps([zone.key(name) for name in names]).encode()
    key = f"{zone.world.app}/etl-jobs/downloaded_files.json"
    zone.world.s3.put_object(Bucket=LANDING_BUCKET, Key=key, Body=body)


def forget(zone: LandingZone) -> None:
    zone.world.execute("DELETE FROM dart_process_control.landing_obj")


def warnings(zone: LandingZone) -> list[str]:
    rows = zone.world.rows(
        "SELECT log_message FROM dart_process_control.data_ppln_oper_log WHERE layer_nm = 'LANDING'"
    )
    return [text for (text,) in rows]


def test_noted_objects_are_not_landed_again_where_the_final_zone_has_a_state(zone: LandingZone) -> None:
    zone.deliver("20260601-1", [ONE])
    zone.land("2026-06-01")
    forget(zone)
    note(zone, "20260601-1")
    zone.deliver("20260602-1", [TWO])
    zone.land("2026-06-02")
    assert zone.farms() == {1: ("one", "1.5000"), 2: ("two", "2.0000")}
    assert zone.manifest() == {"20260601-1": ("Legacy", None, None), "20260602-1": ("Loaded", 1, 0)}
    assert warnings(zone) == [
        "1 objects were landed by the pipeline before this one, by its notes: not landed again"
    ]
    zone.deliver("20260601-1", [(1, "corrected", Decimal("1.5000"), "U", date(2026, 6, 1))])
    zone.land("2026-06-02")
    assert zone.manifest()["20260601-1"] == ("Loaded", 1, 0)
    assert zone.farms()[1] == ("corrected", "1.5000")


def test_noted_objects_are_landed_anew_where_the_final_zone_is_empty(zone: LandingZone) -> None:
    zone.deliver("20260601-1", [ONE])
    note(zone, "20260601-1")
    zone.land("2026-06-01")
    assert zone.farms() == {1: ("one", "1.5000")}
    (warning,) = warnings(zone)
    assert "the final zone has no state: they are landed anew" in warning
