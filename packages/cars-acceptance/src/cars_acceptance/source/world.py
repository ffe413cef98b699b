"""The context of a scenario: state, running totals, random numbers, time of the day."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Protocol

from cars_acceptance.source import words
from cars_acceptance.source.controls import Key, Line, Totals
from cars_acceptance.source.schema import KEYS
from cars_acceptance.source.state import Clock, Row, State, Value, acres, number

WITH_CREATOR = frozenset(
    {"acrsi_farm", "acrsi_producer", "continuous_plan_certification_election", "field"}
)  # tables that have creation_user_name


class Stamps(Protocol):
    """When a row was made and last changed."""

    def created(self) -> datetime:
        """When a new row was made."""
        ...

    def changed(self, created: datetime) -> datetime:
        """When a row made at `created` was changed for the last time."""
        ...


class PastStamps:
    """Moments between the start of the program year's season and the day of the initial load."""

    def __init__(self, rng: Random, program_year: int, day: date) -> None:
        self._rng = rng
        self._start = datetime(program_year - 1, 9, 1)  # noqa: DTZ001 the source has no zones
        self._end = datetime(day.year, day.month, day.day)  # noqa: DTZ001

    def created(self) -> datetime:
        """A moment in the first half."""
        return self._start + self._part((self._end - self._start) / 2)

    def changed(self, created: datetime) -> datetime:
        """A moment in the second half, or never changed."""
        return created if self._rng.random() < 0.4 else created + self._part((self._end - self._start) / 2)

    def _part(self, span: timedelta) -> timedelta:
        return timedelta(microseconds=self._rng.randrange(span // timedelta(microseconds=1)))


class DayStamps:
    """Moments of one day, one after the other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def created(self) -> datetime:
        """The next moment."""
        return self._clock.tick()

    def changed(self, created: datetime) -> datetime:
        """A row made today was not changed since."""
        return created


class World:
    """The state and totals that a scenario changes; all inserts, updates and deletes go through it."""

    def __init__(self, state: State, totals: Totals, rng: Random, day: date) -> None:
        self.state = state
        self.totals = totals
        self.rng = rng
        self.day = day
        self.program_year = day.year
        self.clock = Clock(day)
        self.stamps: Stamps = PastStamps(rng, self.program_year, day)
        self.touched: set[tuple[str, int]] = set()

    def begin(self, day: date) -> None:
        """Start a day: empty journal, new clock, no changed rows."""
        self.day = day
        self.clock = Clock(day)
        self.stamps = DayStamps(self.clock)
        self.touched = set()
        self.state.begin()

    def insert(self, table: str, values: Row) -> int:
        """Add a row with its audit columns; returns its identifier."""
        created = self.stamps.created()
        audit: dict[str, Value] = {
            "creation_date": created,
            "last_change_date": self.stamps.changed(created),
            "last_change_user_name": words.user(self.rng),
            "data_status_code": "A",
        }
        if table in WITH_CREATOR:
            audit["creation_user_name"] = words.user(self.rng)
        identifier = self.state.insert(table, {**audit, **values}, self.day)
        self.touched.add((table, identifier))
        return identifier

    def update(self, table: str, identifier: Value, values: Row) -> None:
        """Change columns of a row; sets user and time of change."""
        audit: dict[str, Value] = {
            "last_change_date": self.clock.tick(),
            "last_change_user_name": words.user(self.rng),
        }
        self.state.update(table, identifier, {**values, **audit}, self.day)
        self.touched.add((table, number(identifier)))

    def delete(self, table: str, identifier: Value) -> None:
        """Remove a row."""
        self.state.delete(table, identifier, self.day)
        self.touched.add((table, number(identifier)))

    def pick(self, table: str, count: int, fits: Callable[[Row], bool] = lambda row: True) -> list[Row]:
        """At most `count` rows of a table that no scenario changed today, in random order."""
        free = [row for row in self.state.rows(table) if self.untouched(table, row) and fits(row)]
        return self.rng.sample(free, min(count, len(free)))

    def untouched(self, table: str, row: Row) -> bool:
        """Whether no scenario has changed the row today."""
        return (table, number(row[KEYS[table]])) not in self.touched

    def report_of(self, tract: Value) -> Row:
        """The crop acreage report a tract belongs to; it says state and county."""
        identifier = self.state.row("tract", tract)["crop_acreage_report_identifier"]
        return self.state.row("crop_acreage_report", identifier)

    def key_of(self, plan: Row) -> Key:
        """The control total of a plan's acres."""
        return key_of(plan, self.report_of(plan["tract_identifier"]))

    def book(self, plan: Row, sign: int) -> None:
        """Add the acres of a plan to its total (`sign` 1) or subtract them (-1)."""
        self.totals.add(self.key_of(plan), sign * acres(plan["crop_field_reported_quantity"]))


def key_of(plan: Row, report: Row) -> Key:
    """The control total of a plan whose tract is in `report`."""
    line = Line(
        _text(report["state_fsa_code"]),
        _text(report["county_fsa_code"]),
        _text(plan["fsa_crop_code"]),
        _text_or_none(plan["fsa_crop_type_code"]),
        _text_or_none(plan["crop_intended_use_code"]),
        _text(plan["irrigation_practice_code"]),
    )
    return Key(line, _text(plan["planting_primary_status_code"]))


def area_of(row: Row) -> tuple[str, str]:
    """State and county codes of a report or farm row."""
    return _text(row["state_fsa_code"]), _text(row["county_fsa_code"])


def identifiers(rows: Iterable[Row], table: str) -> list[int]:
    """The identifiers of rows of a table."""
    return [number(row[KEYS[table]]) for row in rows]


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _text_or_none(value: Value) -> str | None:
    return None if value is None else str(value)
