"""Random histories of landing objects, then the staging of every day: equal to a fold that shares no code with the job.

Days come with late, corrected and withdrawn objects and with full loads. A child's changes are staged with the names that
its parents had at the end of their day. HISTORIES sets how many histories are tried.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from harness import World
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from landing_world import FARM, LandingZone, make_database
from owned_farms import PARENT, scripts

HISTORIES = int(os.environ.get("HISTORIES", "3"))
DAYS = [date(2026, 6, day) for day in (1, 2, 3)]
TABLES = {"child": "Farm", "parent": "Owner"}
_apps = itertools.count(1)


class Change(NamedTuple):
    """A row of an object; `value` is unique, so that every version is told apart."""

    key: int
    op: str
    late: int  # days before the run


class Delivery(NamedTuple):
    """What happens to an object before a run: it comes, or an earlier one of the table is written anew or goes."""

    table: str
    what: str  # new | corrected | withdrawn | load
    which: int
    rows: list[Change]


change = st.builds(Change, st.integers(1, 3), st.sampled_from("IUUD"), st.sampled_from([0, 0, 0, 1, 2]))
delivery = st.builds(
    Delivery,
    st.sampled_from(sorted(TABLES)),
    st.sampled_from(["new", "new", "new", "corrected", "withdrawn", "load"]),
    st.integers(0, 5),
    st.lists(change, min_size=1, max_size=4),
)
histories = st.lists(st.lists(delivery, min_size=2, max_size=4), min_size=len(DAYS), max_size=len(DAYS))


class Version(NamedTuple):
    """A row as it was delivered."""

    key: int
    value: int
    op: str
    day: date


@dataclass
class Oracle:
    """All objects that are there, and what follows from them. Knows nothing of runs."""

    changes: dict[tuple[str, date, int], list[Version]] = field(
        default_factory=dict
    )  # table, day and number in the name
    loads: dict[date, list[Version]] = field(default_factory=dict)  # of the parent

    def rows(self, table: str) -> Iterator[Version]:
        """The changes of a table in their order."""
        ordered = [
            (version.day, name, number, position, version)
            for (of, name, number), versions in self.changes.items()
            if of == table
            for position, version in enumerate(versions)
        ]
        for *_, version in sorted(ordered, key=lambda each: each[:4]):
            yield version

    def parents(self, day: date) -> dict[int, int]:
        """The values of the parents at the end of a day."""
        start = max(each for each in self.loads if each <= day)
        found = {version.key: version.value for version in self.loads[start]}
        for version in self.rows("parent"):
            if start <= version.day <= day:
                found.pop(version.key, None)
                if version.op != "D":
                    found[version.key] = version.value
        return found

    def staged(self, day: date) -> list[tuple[int, int, str, str | None]]:
        """The child's changes of a day, with the parents' names."""
        parents = self.parents(day)
        names = {key: f"v{value}" for key, value in parents.items()}
        return sorted(
            (version.key, version.value, version.op, names.get(version.key) or "")
            for version in self.rows("child")
            if version.day == day
        )


@dataclass
class Player:
    """Delivers a history to the landing zone, and tells the oracle."""

    zone: LandingZone
    oracle: Oracle = field(default_factory=Oracle)
    values: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(8))  # 8, 9, 10: order as numbers

    def play(self, day: date, each: Delivery) -> None:
        there = sorted(name for name in self.oracle.changes if name[0] == each.table)
        if each.what == "load":
            self.load(day, each.rows)
        elif each.what == "new" or not there:
            self.put((each.table, day, next(self.numbers)), day, each.rows)
        else:
            name = there[each.which % len(there)]
            if each.what == "withdrawn":
                del self.oracle.changes[name]
                self.zone.withdraw(f"{name[1]:%Y%m%d}-{name[2]}", TABLES[name[0]])
            else:
                self.put(name, day, each.rows)

    def put(self, name: tuple[str, date, int], day: date, rows: list[Change]) -> None:
        versions = [self.version(day, row) for row in rows]
        self.oracle.changes[name] = versions
        self.deliver(f"{name[1]:%Y%m%d}-{name[2]}", versions, TABLES[name[0]])

    def load(self, day: date, rows: list[Change]) -> None:
        """A full load of the parents, at most one for a day."""
        if day in self.oracle.loads:
            return
        unique = {row.key: row._replace(op="I", late=0) for row in rows}
        self.oracle.loads[day] = [self.version(day, row) for row in unique.values()]
        self.deliver(f"LOAD{day:%d}0000AF", self.oracle.loads[day], TABLES["parent"])

    def version(self, day: date, row: Change) -> Version:
        place = max(DAYS.index(day) - row.late, 0)
        return Version(row.key, next(self.values), row.op, DAYS[place])

    def deliver(self, name: str, versions: list[Version], table: str) -> None:
        rows = [(each.key, f"v{each.value}", Decimal(each.value), each.op, each.day) for each in versions]
        self.zone.deliver(name, rows, table)


@settings(
    max_examples=HISTORIES,
    deadline=None,
    phases=[Phase.generate, Phase.shrink] if HISTORIES > 20 else [Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories)
def test_the_staging_of_every_day_is_what_a_fold_of_all_objects_says(
    zone: LandingZone, history: list[list[Delivery]]
) -> None:
    world = replace(zone.world, prefix=f"{zone.world.prefix}h{next(_apps)}", files={}, tables={})
    share_secret(zone.world, world)
    make_database(world)
    player = Player(LandingZone(world))
    player.zone.declare(FARM, PARENT)
    scripts(world)
    player.load(DAYS[0], [Change(1, "I", 0), Change(2, "I", 0)])
    for day, deliveries in zip(DAYS, history, strict=True):
        for each in deliveries:
            player.play(day, each)
        player.zone.land(day.isoformat())
    for day in DAYS:
        world.run("STG", "FARM", day.isoformat())
        query = "SELECT farm_id, acres::integer, cdc_oper_cd, coalesce(farm_nm, '') FROM cars_stg.farm ORDER BY 1, 2"
        assert world.rows(query) == player.oracle.staged(day), day


def share_secret(one: World, other: World) -> None:
    """Give a world the database of another one."""
    text = one.secrets.get_secret_value(SecretId=one.secret_name)["SecretString"]
    other.secrets.create_secret(Name=other.secret_name, SecretString=text)
