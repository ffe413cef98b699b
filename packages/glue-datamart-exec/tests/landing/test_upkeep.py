"""Upkeep: many landings leave few objects, and a run without news costs next to nothing."""

from __future__ import annotations

import os
import time
from datetime import date, timedelta

import pytest
from harness import FINAL_BUCKET
from killing import Killer, aws_proxy
from landing_oracle import Change, Oracle
from landing_tables import Table
from landing_world import LandingZone

FIRST = date(2026, 6, 1)
KEEP = {"keep_dates": "3", "keep_snapshots": "4"}


def objects(table: Table) -> int:
    """Objects of both zones."""
    world = table.zone.world
    return sum(
        len(table.zone.keys(FINAL_BUCKET, f"{world.app}/{folder}{table.name}/")) for folder in ("", "_cdc/")
    )


def land_days(
    table: Table, oracle: Oracle, days: int, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[int, int, float]]:
    """One small object a day; for each run the objects it left, its requests to AWS, and its seconds."""
    there, figures = {}, []
    for number in range(days):
        day = FIRST + timedelta(days=number)
        there[f"{day:%Y%m%d}-1"] = (
            Change(day, (number, "a"), "v", "I"),
            Change(day, (1, "a"), f"v{number}", "U"),
        )
        table.bring(there)
        killer, started = Killer(), time.monotonic()
        with aws_proxy(killer, os.environ["AWS_ENDPOINT_URL"]) as url, monkeypatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", url)
            table.zone.land(day.isoformat(), table.name, **KEEP)
        figures.append((objects(table), len(killer.requests), time.monotonic() - started))
        oracle.land(there, day)
    return figures


def test_many_landings_leave_as_many_objects_and_cost_as_many_requests_as_few(
    zone: LandingZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, oracle = Table(zone, key="k, j"), Oracle(3)
    figures = land_days(table, oracle, 11, monkeypatch)
    table.check(oracle)
    assert figures[9][:2] == figures[10][:2]


@pytest.mark.exhaustive
def test_forty_landings_leave_as_many_objects_and_cost_as_many_requests_as_twenty(
    zone: LandingZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, oracle = Table(zone, key="k, j"), Oracle(3)
    figures = land_days(table, oracle, 40, monkeypatch)
    table.check(oracle)
    for which in (0, 1):
        assert max(each[which] for each in figures[20:]) <= max(each[which] for each in figures[10:20]) * 1.1


def test_a_run_without_news_changes_nothing_and_asks_little(
    zone: LandingZone, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, oracle = Table(zone, key="k, j"), Oracle(3)
    land_days(table, oracle, 3, monkeypatch)
    before = zone.table(table.name).metadata_location
    killer = Killer()
    with aws_proxy(killer, os.environ["AWS_ENDPOINT_URL"]) as url, monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        zone.land("2026-06-03", table.name, **KEEP)
    assert zone.table(table.name).metadata_location == before
    assert killer.calls == []
    assert len(killer.requests) <= 6, killer.requests


def test_every_day_of_a_run_can_be_read_also_when_nothing_changed(zone: LandingZone) -> None:
    zone.deliver("LOAD00000001", [(1, "one", None, None, FIRST)])
    zone.land("2026-06-01")
    zone.land("2026-06-03")
    assert zone.state("2026-06-03") == zone.state("2026-06-01")
    assert zone.table().refs()["2026-06-03"].snapshot_id == zone.table().metadata.current_snapshot_id
    for day in range(4, 9):
        zone.land(f"2026-06-0{day}", keep_snapshots="2")
    zone.deliver("20260609-1", [(1, "uno", None, "U", FIRST + timedelta(days=8))])
    zone.land("2026-06-09", keep_snapshots="2")
    # days that differ from the one before, and the last two
    assert {name for name in zone.table().refs() if name.startswith("2026")} == {
        "2026-06-01",
        "2026-06-08",
        "2026-06-09",
    }
