"""What landings must leave behind, in plain Python: zones as lists and dicts. Shares no code with the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

Key = tuple[int | None, str | None]
Rows = dict[Key, str | None]


class Change(NamedTuple):
    """A row of a landing object; `day` is its dart_filedate."""

    day: date | None
    key: Key
    value: str | None
    op: str | None


Object = tuple[Change, ...]


class Placed(NamedTuple):
    """A change in the order of changes: day, date and number in the object's name, row in the object."""

    day: date
    file_date: str
    number: int
    row: int
    change: Change


def is_load(name: str) -> bool:
    return name.startswith("LOAD")


def order(name: str) -> tuple[int, str, int]:
    if is_load(name):
        return 0, "", int(name[4:], 16)
    day, _, number = name.partition("-")
    return 1, day, int(number)


@dataclass
class Oracle:
    """The zones of one table after some landings."""

    keep_dates: int
    held: dict[str, Object] = field(default_factory=dict)  # what was taken and stands for its content
    archived: dict[tuple[bool, Object], str] = field(default_factory=dict)  # gone, its rows stayed
    taken: dict[str, list[Placed]] = field(default_factory=dict)  # rows of changes
    frozen: list[Placed] = field(default_factory=list)  # rows that are too old to be taken back
    load_day: dict[str, date] = field(default_factory=dict)
    loads: dict[date, dict[str, Object]] = field(default_factory=dict)
    manifest: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Object] = field(default_factory=dict)  # content when the manifest was written
    edge: date = date.min
    tags: set[date] = field(default_factory=set)

    def land(self, objects: Mapping[str, Object], run_day: date) -> None:
        """One run over the objects that lie in the landing zone."""
        gone = [name for name in self.held if name not in objects]
        corrected = [name for name, rows in self.held.items() if objects.get(name, rows) != rows]
        old = {name for name in gone if self._first_day(name) <= self.edge}
        holders = dict(self.archived)
        holders |= {
            (is_load(name), self.held[name]): name for name in self.held if name not in {*gone, *corrected}
        }
        holders |= {(is_load(name), self.held[name]): name for name in old}
        for name in sorted(objects, key=order):
            holders.setdefault((is_load(name), objects[name]), name)
        arriving = self._arriving(objects, holders)
        starts = {name: _start(objects[name], run_day) for name in arriving if is_load(name)}
        latest = max([*starts.values(), *self.load_day.values()], default=date.min)
        for name in gone:
            self._leave(name, name in old, objects, latest)
        for name in sorted(objects, key=order):
            holder = holders[is_load(name), objects[name]]
            if (
                self.seen.get(name) == objects[name]
                and name not in arriving
                and self.manifest[name] != "Withdrawn"
            ):
                continue
            self._arrive(name, objects[name], holder, starts.get(name), arriving)
        if self.tags or self.loads:
            self.tags |= {run_day} if run_day > min(self.tags) and run_day > self.edge else set()
        self._move_edge()

    def _arriving(
        self, objects: Mapping[str, Object], holders: Mapping[tuple[bool, Object], str]
    ) -> set[str]:
        """The objects that are read: new content, or one that came back."""
        found = set()
        for name, rows in objects.items():
            known = self.seen.get(name) == rows and self.manifest[name] not in ("Withdrawn", "Repeated")
            if not known and holders[is_load(name), rows] == name:
                found.add(name)
        return found

    def _first_day(self, name: str) -> date:
        if is_load(name):
            return self.load_day[name]
        return min((each.day for each in self.taken[name]), default=date.max)

    def _leave(self, name: str, old: bool, objects: Mapping[str, Object], latest: date) -> None:
        rows = self.held.pop(name)
        if is_load(name):
            day = self.load_day.pop(name)
            stays = old or day < latest
            if not stays:
                self._drop_load(day, name)
        else:
            renamed = old and any(rows == other and not is_load(new) for new, other in objects.items())
            taken = self.taken.pop(name)
            kept = taken if renamed else [each for each in taken if each.day <= self.edge]
            self.frozen += kept
            stays = old and (renamed or kept == taken)
        self.manifest[name] = "Archived" if stays else "Withdrawn"
        if stays:
            self.archived[is_load(name), rows] = name

    def _drop_load(self, day: date, name: str) -> None:
        self.loads[day].pop(name)
        if not self.loads[day]:
            del self.loads[day]

    def _arrive(self, name: str, rows: Object, holder: str, start: date | None, arriving: set[str]) -> None:
        if start is not None and start <= self.edge:
            if name not in self.held:
                self.manifest[name], self.seen[name] = "Quarantined", rows
            return
        if name in self.held:  # corrected
            self.held.pop(name)
            if is_load(name):
                day = self.load_day.pop(name)
                if day > self.edge and (start is None or start <= day):
                    self._drop_load(day, name)
            else:
                self.frozen += [each for each in self.taken.pop(name) if each.day <= self.edge]
        self.seen[name] = rows
        if holder != name:
            self.manifest[name] = "Repeated"
        elif name in arriving:
            self.manifest[name] = "Loaded"
            self._take(name, rows, start)

    def _take(self, name: str, rows: Object, start: date | None) -> None:
        self.held[name] = rows
        if start is not None:
            self.load_day[name] = start
            self.loads.setdefault(start, {})[name] = rows
            self.tags.add(start)
            return
        _, text, number = order(name)
        named = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        placed = [Placed(row.day or named, text, number, at, row) for at, row in enumerate(rows)]
        self.taken[name] = [each for each in placed if each.day > self.edge]
        self.tags |= {each.day for each in self.taken[name]}

    def _move_edge(self) -> None:
        days = set(self.changes()) | {day for day in self.loads if self.differences(day)}
        dropped = sorted(days)[: -self.keep_dates]
        self.edge = max([self.edge, *dropped])

    def _all(self) -> list[Placed]:
        return sorted(
            [*self.frozen, *(each for rows in self.taken.values() for each in rows)], key=lambda p: p[:4]
        )

    def changes(self) -> dict[date, list[Change]]:
        """The change zone without what full loads changed: the rows of each day in order."""
        found: dict[date, list[Change]] = {}
        for each in self._all():
            if each.day > self.edge:
                found.setdefault(each.day, []).append(each.change)
        return found

    def state(self, day: date) -> Rows:
        """The rows at the end of a day."""
        start = max((each for each in self.loads if each <= day), default=date.min)
        rows = self.load_rows(start)
        for each in self._all():
            if start <= each.day <= day:
                if each.change.op == "D":
                    rows.pop(each.change.key, None)
                else:
                    rows[each.change.key] = each.change.value
        return rows

    def load_rows(self, day: date) -> Rows:
        """The rows of a full load; of a key that stands there twice, the last."""
        objects = self.loads.get(day, {})
        return {row.key: row.value for name in sorted(objects, key=order) for row in objects[name]}

    def differences(self, day: date) -> list[tuple[Key, str | None, str]]:
        """What a full load changed against the state before it, in the order of keys."""
        before = [each for each in self.tags if each < day]
        if not before or day <= self.edge:
            return []
        old, new = self.state(max(before)), self.load_rows(day)
        found = [(key, old[key], "D") for key in old.keys() - new.keys()]
        found += [(key, new[key], "I") for key in new.keys() - old.keys()]
        found += [(key, new[key], "U") for key in new.keys() & old.keys() if new[key] != old[key]]
        return sorted(found, key=lambda row: [(part is None, part or 0) for part in row[0]])


def _start(rows: Object, run_day: date) -> date:
    return max((row.day for row in rows if row.day), default=run_day)
