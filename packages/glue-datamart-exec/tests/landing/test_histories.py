"""Random histories of deliveries: after each run both zones and the manifest equal a fold in plain Python."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from harness import FINAL_BUCKET
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_oracle import Change, Key, Object, Oracle, is_load
from landing_world import LANDING_BUCKET, LandingZone

FIRST = date(2026, 6, 1)
SCHEMA = pa.schema([("k", pa.int64()), ("j", pa.string()), ("v", pa.string()), ("op", pa.string()), ("dart_filedate", pa.date32())])
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
_numbers = itertools.count(1)

days = st.integers(0, 8).map(lambda number: FIRST + timedelta(days=number))
keys: st.SearchStrategy[Key] = st.tuples(st.sampled_from([None, 1, 2, 3, 50]), st.sampled_from([None, "a", "b"])).filter(
    lambda key: key != (None, None)
)
values = st.sampled_from([None, "u", "v", "w", "x", "y", "z"])
loads = st.integers(8, 17).map(lambda number: f"LOAD{number:08X}")


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, Object]:
    """An object of changes: most rows of the day in its name, some late, some without a day; deletes may lack values."""
    day = draw(days)
    row_days = st.one_of(st.just(day), st.none(), st.integers(0, 8).map(lambda back: max(FIRST, day - timedelta(days=back))))
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
    rows = st.lists(st.builds(Change, st.just(day), keys, values, st.just("I")), min_size=1, max_size=6).map(tuple)
    return [(name, draw(rows)) for name in names]


@st.composite
def delivery(draw: st.DrawFn) -> dict[str, Any]:
    """What happens in the landing zone before one run."""
    return {
        "put": dict(draw(st.lists(changes(), max_size=3))) | dict(draw(st.one_of(st.just([]), st.just([]), full_load()))),
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


class Table:
    """One table of a landing zone, with the objects that lie there."""

    def __init__(self, zone: LandingZone, *, key: str) -> None:
        self.zone, self.name = zone, f"item_{next(_numbers)}"
        columns = [("k", "bigint"), ("j", "varchar(5)"), ("v", "varchar(5)")]
        zone.declare(
            {
                "source_table": self.name,
                "target_table": self.name,
                "columns": [
                    {"src_col_nm": name, "target_column_name": name, "data_type": kind} for name, kind in columns
                ],
                "primary_key": key,
                "dedupe_key": "",
            }
        )
        self.there: dict[str, Object] = {}

    def bring(self, objects: Mapping[str, Object]) -> None:
        for name in self.there.keys() - objects.keys():
            self.zone.withdraw(name, self.name)
        for name, rows in objects.items():
            if self.there.get(name) != rows:
                self.zone.deliver(name, content(rows), self.name)
        self.there = dict(objects)

    def land(self, day: date, keep_dates: int) -> None:
        self.zone.land(
            day.isoformat(), self.name, keep_dates=str(keep_dates), reject_percent="100", on_unreadable="continue"
        )

    def check(self, oracle: Oracle) -> None:
        table = self.zone.table(self.name)
        tags = {name for name in table.refs() if name != "main" and not name.startswith("load-")}
        assert {date.fromisoformat(tag) for tag in tags} >= {day for day in oracle.tags if day >= oracle.edge}
        read: dict[int, dict[Key, str | None]] = {}
        for tag in sorted(tags):
            snapshot = table.refs()[tag].snapshot_id
            if snapshot not in read:
                read[snapshot] = rows_of(table.scan(snapshot_id=snapshot).to_arrow().to_pylist())
            assert read[snapshot] == oracle.state(date.fromisoformat(tag)), tag
        if tags:
            assert table.metadata.current_snapshot_id == table.refs()[max(tags)].snapshot_id
        changes, differences = self.change_zone()
        wanted = {
            day: [(row.key, row.value, row.op) for row in rows] for day, rows in oracle.changes().items()
        }
        assert changes == wanted
        assert differences == {day: rows for day in oracle.loads if (rows := oracle.differences(day))}
        manifest = {name: outcome[0] for name, outcome in self.zone.manifest(self.name).items()}
        assert manifest == oracle.manifest

    def change_zone(self) -> tuple[dict[date, list[Any]], dict[date, list[Any]]]:
        """The rows of both kinds of parts by day, in the order of parts and rows."""
        prefix = f"{self.zone.world.app}/_cdc/{self.name}/"
        found: tuple[dict[date, list[Any]], dict[date, list[Any]]] = ({}, {})

        def place(key: str) -> tuple[str, ...]:
            folder, _, stem = key.removesuffix(".parquet").rpartition("/")
            return (folder, *(part.zfill(20) for part in stem.split("-")))

        for key in sorted(self.zone.keys(FINAL_BUCKET, prefix), key=place):
            body = self.zone.world.s3.get_object(Bucket=FINAL_BUCKET, Key=key)["Body"].read()
            day = date.fromisoformat(key.split("dart_filedate=")[1][:10])
            rows = pq.read_table(io.BytesIO(body)).to_pylist()
            assert rows and all(row["dart_filedate"] == day for row in rows)
            kind = found[1] if key.endswith("/00000000-load.parquet") else found[0]
            kind.setdefault(day, []).extend(((row["k"], row["j"]), row["v"], row["op"]) for row in rows)
        return found


def content(rows: Object) -> pa.Table:
    columns = [[row.key[0] for row in rows], [row.key[1] for row in rows]]
    columns += [[row.value for row in rows], [row.op for row in rows], [row.day for row in rows]]
    return pa.Table.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def rows_of(found: list[Mapping[str, Any]]) -> dict[Key, str | None]:
    rows = {(row["k"], row["j"]): row["v"] for row in found}
    assert len(rows) == len(found)
    return rows


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


@settings(max_examples=3, **QUIET)
@given(steps=histories, keep_dates=keep)
def test_a_history_of_deliveries_leaves_what_a_fold_in_plain_python_leaves(
    zone: LandingZone, steps: list[dict[str, Any]], keep_dates: int
) -> None:
    check_history(zone, steps, keep_dates)


@pytest.mark.exhaustive
@settings(max_examples=150, **QUIET)
@given(steps=histories, keep_dates=keep)
def test_many_histories_of_deliveries_leave_what_a_fold_in_plain_python_leaves(
    zone: LandingZone, steps: list[dict[str, Any]], keep_dates: int
) -> None:
    check_history(zone, steps, keep_dates)
