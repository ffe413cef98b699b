"""Random histories of deliveries: after each run both zones and the manifest equal a fold in plain Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_oracle import Change, Key, Object, Oracle, is_load
from landing_tables import Table
from landing_world import LandingZone

FIRST = date(2026, 6, 1)
QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)

days = st.integers(0, 8).map(lambda number: FIRST + timedelta(days=number))
keys: st.SearchStrategy[Key] = st.tuples(
    st.sampled_from([None, 1, 2, 3, 50]), st.sampled_from([None, "a", "b"])
).filter(lambda key: key != (None, None))
values = st.sampled_from([None, "u", "v", "w", "x", "y", "z"])
loads = st.integers(8, 17).map(lambda number: f"LOAD{number:08X}")


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, Object]:
    """An object of changes: rows of the day in its name, late ones, some without a day; deletes carry the key alone."""
    day = draw(days)
    late = st.integers(0, 8).map(lambda back: max(FIRST, day - timedelta(days=back)))
    row_days = st.one_of(st.just(day), st.none(), late)
    rows = []
    for _ in range(draw(st.integers(0, 6))):
        op = draw(st.sampled_from("IUUD"))
        rows.append(Change(draw(row_days), draw(keys), None if op == "D" else draw(values), op))
    return f"{day:%Y%m%d}-{draw(st.integers(1, 12))}", tuple(rows)


@st.composite
def full_load(draw: st.DrawFn) -> list[tuple[str, Object]]:
    """The objects of one full load."""
    day = draw(days)
    names = draw(st.lists(loads, min_size=1, max_size=2, unique=True))
    rows = st.lists(st.builds(Change, st.just(day), keys, values, st.just("I")), min_size=1, max_size=6).map(
        tuple
    )
    return [(name, draw(rows)) for name in names]


@st.composite
def delivery(draw: st.DrawFn) -> dict[str, Any]:
    """What happens in the landing zone before one run."""
    return {
        "put": dict(draw(st.lists(changes(), max_size=3)))
        | dict(draw(st.one_of(st.just([]), st.just([]), full_load()))),
        "correct": draw(st.lists(st.tuples(st.integers(0, 9), changes()), max_size=1)),
        "withdraw": draw(st.lists(st.integers(0, 9), max_size=2)),
        "repeat": draw(st.lists(st.tuples(st.integers(0, 9), changes()), max_size=1)),
        "rename": draw(st.lists(st.tuples(st.integers(0, 9), changes()), max_size=1)),
        "wait": draw(st.integers(0, 2)),
    }


def apply(step: Mapping[str, Any], objects: dict[str, Object]) -> None:
    """Bring the landing zone's objects to what a delivery makes of them."""

    def chosen(number: int, *, load: bool | None = None) -> str | None:
        names = [name for name in sorted(objects) if load is None or is_load(name) == load]
        return names[number % len(names)] if names else None

    for number, (_, rows) in step["correct"]:
        if name := chosen(number, load=False):
            objects[name] = rows
    for kind in ("repeat", "rename"):
        for number, (new, _) in step[kind]:
            if name := chosen(number, load=False):
                objects[new] = objects[name]
                if kind == "rename" and new != name:
                    del objects[name]
    for number in step["withdraw"]:
        if name := chosen(number):
            del objects[name]
    objects |= step["put"]


def check_history(zone: LandingZone, steps: list[dict[str, Any]], keep_dates: int) -> None:
    table, oracle = Table(zone, key="k, j"), Oracle(keep_dates)
    objects: dict[str, Object] = {}
    run_day = FIRST + timedelta(days=3)
    for step in steps:
        apply(step, objects)
        run_day += timedelta(days=step["wait"])
        table.bring(objects)
        table.land(run_day, keep_dates)
        oracle.land(objects, run_day)
        table.check(oracle)


histories = st.lists(delivery(), min_size=4, max_size=7)
keep = st.sampled_from([3, 5, 10])


@settings(QUIET, max_examples=3)
@given(steps=histories, keep_dates=keep)
def test_a_history_of_deliveries_leaves_what_a_fold_in_plain_python_leaves(
    zone: LandingZone, steps: list[dict[str, Any]], keep_dates: int
) -> None:
    check_history(zone, steps, keep_dates)


@pytest.mark.exhaustive
@settings(QUIET, max_examples=int(os.environ.get("HISTORIES", "8")))
@given(steps=histories, keep_dates=keep)
def test_many_histories_of_deliveries_leave_what_a_fold_in_plain_python_leaves(
    zone: LandingZone, steps: list[dict[str, Any]], keep_dates: int
) -> None:
    check_history(zone, steps, keep_dates)
