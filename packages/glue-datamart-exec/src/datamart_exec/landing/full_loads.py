"""Full loads among a run's objects: the day each starts, and the objects that belong together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from datamart_exec.landing.manifest import Arrival, Entry, Outcome, Plan
from datamart_exec.landing.object_names import Landed
from datamart_exec.landing.reading import ReadObject
from datamart_exec.storage import StoredObject


@dataclass(frozen=True, slots=True)
class FullLoads:
    """The full loads of one day are one: all its objects are read again when one of them changes.

    An object that is written anew with a later day is a new full load; what it held before stays the load of its day.
    """

    plan: Plan
    known: Mapping[str, Entry]
    run_day: date
    edge: date | None  # the last day on which no full load may start

    def day_of(self, read: ReadObject) -> date | None:
        """The day that a full load starts: the last that its rows name, else the day of the run that took it first."""
        if not read.arrival.landed.is_load:
            return None
        entry = self.known.get(read.arrival.landed.key)
        unchanged = entry and entry.content == (read.arrival.stored.etag, read.arrival.stored.size)
        return (entry.load_day if entry and unchanged else None) or read.last_day or self.run_day

    def too_old(self, read: Sequence[ReadObject]) -> dict[int, str]:
        """Why full loads cannot be taken that start before the change zone does: the changes after them are gone."""
        return {
            number: f"the full load starts on {day}, which is not after {self.edge}: changes since then have left"
            " the change zone, or were taken over as rows; land a newer full load"
            for number, each in enumerate(read)
            if self.edge and each.unreadable is None and (day := self.day_of(each)) and day <= self.edge
        }

    def replaced(self, read: Sequence[ReadObject]) -> list[Entry]:
        """The objects that are gone since a later full load came: they were cleared away, their rows stay."""
        known = [entry.load_day for entry in self.known.values() if entry.outcome is Outcome.LOADED]
        days = [*known, *(self.day_of(each) for each in read if each.unreadable is None)]
        latest = max((day for day in days if day), default=date.min)
        return [entry for entry in self.plan.withdrawn if entry.load_day and entry.load_day < latest]

    def others(
        self, listed: Iterable[tuple[Landed, StoredObject]], read: Sequence[ReadObject]
    ) -> list[Arrival]:
        """The unchanged objects of the full loads that change."""
        days, there = self._changed(read), {each.arrival.landed.key for each in read}
        return [
            Arrival(landed, stored)
            for landed, stored in sorted(listed, key=lambda pair: pair[0].order)
            if landed.is_load and landed.key not in there and self._loaded(landed.key) in days
        ]

    def sources(self, read: Sequence[ReadObject]) -> dict[date, list[int]]:
        """The numbers of the objects of each full load that changes, in order; an empty list: it was withdrawn."""
        found: dict[date, list[int]] = {day: [] for day in self._changed(read)}
        order = sorted(range(len(read)), key=lambda number: read[number].arrival.landed.order)
        for number in order:
            day = self.day_of(read[number])
            if day is not None and read[number].unreadable is None:
                found.setdefault(day, []).append(number)
        return found

    def _changed(self, read: Sequence[ReadObject]) -> set[date]:
        """The days whose full load gets, changes or loses an object."""
        arrived = {
            each.arrival.landed.key: day
            for each in read
            if each.unreadable is None and (day := self.day_of(each))
        }
        gone = {
            entry.load_day
            for entry in self.plan.withdrawn
            if entry.load_day and entry not in self.replaced(read)
        }
        unreadable = {each.arrival.landed.key for each in read if each.unreadable}
        gone |= {
            entry.load_day
            for entry in self.plan.corrected
            if entry.load_day
            and entry.key not in unreadable
            and arrived.get(entry.key, date.min) <= entry.load_day
        }
        return {day for day in (*arrived.values(), *gone) if self.edge is None or day > self.edge}

    def _loaded(self, key: str) -> date | None:
        entry = self.known.get(key)
        return entry.load_day if entry and entry.outcome is Outcome.LOADED else None
