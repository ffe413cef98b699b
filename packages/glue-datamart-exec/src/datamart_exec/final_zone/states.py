"""The states that a batch makes or corrects: one for each day from the first affected one to the latest.

A day that has a tag is corrected from its own files; a new day starts from the day before it. A full load replaces what
was there at the start of its day, and later days are made again from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from pyiceberg.manifest import DataFile

from datamart_exec.final_zone.fold import Base, Fold
from datamart_exec.final_zone.rewrite import Rewriter, State


@dataclass(frozen=True)
class Tagged:
    """A state that the table holds: its snapshot, and how to read which data files it has."""

    snapshot_id: int
    read: Callable[[int], State]

    @cached_property
    def files(self) -> State:
        return self.read(self.snapshot_id)


@dataclass(frozen=True, slots=True)
class Known:
    """The states that the table holds.

    `days` are the states at the end of days; `loads` the rows of full loads, by the day that they start; `edge` is the
    day of the state before the change zone's oldest day. `first` is the day of the first state when another writer's
    rows were taken over, and `base` these rows.
    """

    days: Mapping[date, Tagged]
    loads: Mapping[date, Tagged]
    edge: date | None = None
    first: date | None = None
    base: Tagged | None = None

    @property
    def oldest(self) -> date | None:
        """The last day on which no full load may start: too little is known of what came after it."""
        before_first = self.first - timedelta(days=1) if self.first else None
        return max((day for day in (self.edge, before_first) if day), default=None)

    def before(self, day: date) -> Tagged | None:
        """The state at the end of the last day before this one."""
        earlier = [each for each in self.days if each < day]
        return self.days[max(earlier)] if earlier else None


@dataclass(frozen=True, slots=True)
class Step:
    """One new state of a commit: made from the snapshot `parent`, or from the step before it when that is None."""

    tag: str | None  # None: a state between two tags
    parent: int | None
    removed: tuple[DataFile, ...]
    added: tuple[DataFile, ...]
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


@dataclass(slots=True)
class Chain:
    """Makes the states of a table, day after day.

    `loads` are the data files of full loads that arrived, by day; None for one that was withdrawn.
    """

    rewriter: Rewriter
    fold: Fold
    known: Known
    loads: Mapping[date, State | None] = field(default_factory=dict)
    _made: State | None = None  # the last state that was made

    def steps(self, days: Sequence[date]) -> Iterator[Step]:
        """The steps for `days`, ascending: every tagged day from the first affected one on, and new days."""
        for day in days:
            if day in self.loads:
                rows = self.loads[day]
                tag, state = (None, self._start(day)) if rows is None else (load_tag(day), rows)
                yield self._step(tag, None, state)
            yield self._day(day)

    def _start(self, day: date) -> State:
        """The state before a day."""
        before = None if self._made is not None else self.known.before(day)
        return before.files if before else self._made or ()

    def _day(self, day: date) -> Step:
        """The step of a day: from its own state, or from the step before it when a full load changed in between."""
        changed = max((each for each in self.loads if each <= day), default=date.min)
        since = self._last_load(day)
        own = None if changed > date.min and (since is None or changed >= since) else self.known.days.get(day)
        before = own or (None if self._made is not None else self.known.before(day))
        change = self.rewriter.rewrite(before.files if before else self._made or (), self._wanted(day))
        counts = (change.inserted, change.updated, change.deleted)
        return self._step(day.isoformat(), before, change.state, *counts)

    def _wanted(self, day: date) -> str:
        return self.fold.state(day, self._base(day))

    def _step(self, tag: str | None, before: Tagged | None, state: State, *counts: int) -> Step:
        """The step to a state from `before`, else from the last step, else from any snapshot of the table."""
        if before is None and self._made is None:
            before = next(iter(self.known.days.values()), None)
        files = before.files if before else self._made or ()
        removed = tuple(file for file in files if file not in set(state))
        added = tuple(file for file in state if file not in set(files))
        self._made = state
        return Step(tag, before.snapshot_id if before else None, removed, added, *counts)

    def _base(self, day: date) -> Base | None:
        """What changes up to a day are applied to: the last full load, or the state at the edge if that is later."""
        last, edge = self._last_load(day), self.known.edge
        if last and (edge is None or last > edge):
            rows = self.loads.get(last)
            return Base(last, _paths(self.known.loads[last].files if rows is None else rows))
        start = self.known.days.get(edge) if edge else None
        start = start or self.known.base
        return Base(None, _paths(start.files)) if start else None

    def _last_load(self, day: date) -> date | None:
        """The day of the full load that the state of a day rests on."""
        gone = {each for each, rows in self.loads.items() if rows is None}
        days = ({*self.known.loads} | {*self.loads}) - gone
        return max((each for each in days if each <= day), default=None)


def load_tag(day: date) -> str:
    """The name of the tag of a full load's rows."""
    return f"load-{day}"


def _paths(state: State) -> tuple[str, ...]:
    return tuple(file.file_path for file in state)
