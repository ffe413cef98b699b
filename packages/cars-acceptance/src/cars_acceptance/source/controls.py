"""Control totals: the acres of every county, crop, type, use, irrigation practice and status."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from cars_acceptance.source.codes import CodeBook, Status
from cars_acceptance.source.errors import SourceError

ZERO = Decimal(0)


class Line(NamedTuple):
    """The codes of one published line; None is an empty type or a blank use."""

    state: str
    county: str
    crop: str
    crop_type: str | None
    use: str | None
    irrigation: str

    @property
    def area(self) -> tuple[str, str]:
        """State and county."""
        return self.state, self.county


class Key(NamedTuple):
    """The key of one total: a line and one category of its acres."""

    line: Line
    status: str

    def sortable(self) -> tuple[str, ...]:
        """A key to sort by; NULL codes first."""
        return (*(code or "" for code in self.line), self.status)

    def text(self) -> str:
        """`01/001 0011 type SRW-1ABC use - irrigation N status PL`, with `-` for a NULL code."""
        state, county, crop, crop_type, use, irrigation = (code or "-" for code in self.line)
        return (
            f"{state}/{county} {crop} type {crop_type} use {use} irrigation {irrigation} status {self.status}"
        )


@dataclass(frozen=True)
class ControlTotals:
    """Acres per key (more than zero) and the names of the codes."""

    acres: Mapping[Key, Decimal]
    names: CodeBook = field(default_factory=CodeBook, compare=False)

    def areas(self) -> list[tuple[str, str]]:
        """The counties, sorted."""
        return sorted({key.line.area for key in self.acres})


class Totals:
    """Running totals: every intended change of acres is booked here, independently of the rows."""

    def __init__(self, acres: Mapping[Key, Decimal]) -> None:
        self._acres = dict(acres)

    def add(self, key: Key, acres: Decimal) -> None:
        """Book acres, which may be negative; a total that reaches zero is gone."""
        total = self._acres.get(key, ZERO) + acres
        if total < 0:
            raise SourceError(f"total of {key.text()} would be {total} acres after booking {acres}")
        if total:
            self._acres[key] = total
        else:
            self._acres.pop(key, None)

    def snapshot(self) -> dict[Key, Decimal]:
        """The totals of this moment, sorted by key."""
        return dict(sorted(self._acres.items(), key=lambda item: item[0].sortable()))


@dataclass(frozen=True)
class PublishedAcres:
    """One line as it is published; planted and failed is a sum."""

    planted: Decimal = ZERO
    volunteer: Decimal = ZERO
    failed: Decimal = ZERO
    prevented: Decimal = ZERO
    not_planted: Decimal = ZERO

    @property
    def planted_and_failed(self) -> Decimal:
        """The published sum column."""
        return self.planted + self.failed


def published(totals: Mapping[Key, Decimal]) -> dict[Line, PublishedAcres]:
    """Totals by status turned into the published columns of each line, sorted by line."""
    rows: dict[Line, dict[str, Decimal]] = {}
    for key, acres in totals.items():
        categories = rows.setdefault(key.line, {})
        categories[Status(key.status).name.lower()] = acres
    return {line: PublishedAcres(**rows[line]) for line in sorted(rows, key=_sortable)}


def by_county(lines: Mapping[Line, PublishedAcres]) -> dict[tuple[str, str], PublishedAcres]:
    """Published columns added up per state and county."""
    counties: dict[tuple[str, str], list[PublishedAcres]] = {}
    for line, acres in lines.items():
        counties.setdefault(line.area, []).append(acres)
    return {area: _added(rows) for area, rows in sorted(counties.items())}


def _added(rows: Iterable[PublishedAcres]) -> PublishedAcres:
    listed = list(rows)
    return PublishedAcres(
        planted=sum((row.planted for row in listed), ZERO),
        volunteer=sum((row.volunteer for row in listed), ZERO),
        failed=sum((row.failed for row in listed), ZERO),
        prevented=sum((row.prevented for row in listed), ZERO),
        not_planted=sum((row.not_planted for row in listed), ZERO),
    )


def _sortable(line: Line) -> tuple[str, ...]:
    return tuple(code or "" for code in line)
