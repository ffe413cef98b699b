"""Which objects of a table a run takes: the listing of the landing zone compared with what earlier runs recorded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from datamart_exec.landing.object_names import Landed
from datamart_exec.storage import StoredObject

Content = tuple[str, int]  # ETag and size
Identity = tuple[
    bool, Content
]  # with the kind of object: an empty full load is no repetition of empty changes


class Outcome(str, Enum):
    """What became of an object."""

    LOADED = "Loaded"
    REPEATED = "Repeated"  # its content is there under another name: left out
    QUARANTINED = "Quarantined"  # it could not be read
    WITHDRAWN = "Withdrawn"  # it is gone, and so are its rows
    ARCHIVED = "Archived"  # it is gone; its rows stay, being older than the change zone
    LEGACY = "Legacy"  # the pipeline before this one had landed it


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one object: its content when it was taken, the days of its rows, and what became of it."""

    key: str
    etag: str
    size: int
    outcome: Outcome
    first_day: date | None = None  # of its rows; None when it had none
    load_day: date | None = None  # of a full load: the day that it starts
    rows: int | None = None
    rejected: int | None = None
    reason: str | None = None

    @property
    def content(self) -> Content:
        return self.etag, self.size

    @property
    def identity(self) -> Identity:
        """What a repeated delivery shares with it."""
        return _identity(self.key, self.content)


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object to read: what its name says, and its content."""

    landed: Landed
    stored: StoredObject


@dataclass(frozen=True, slots=True)
class Repeated:
    """An object that is left out: another one has the same content."""

    stored: StoredObject
    original: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does with a table's objects. Arrivals are in the order of changes."""

    arrivals: tuple[Arrival, ...]
    corrected: tuple[Entry, ...]  # loaded with another content than they have now: their rows leave
    withdrawn: tuple[Entry, ...]  # loaded and gone: their rows leave
    archived: tuple[Entry, ...]  # loaded and gone, with rows that are too old to be taken back
    repeated: tuple[Repeated, ...]
    quarantined: tuple[Entry, ...]  # could not be read by an earlier run, and are unchanged

    @property
    def leaving(self) -> frozenset[str]:
        """The objects whose rows leave the zones, as far as the change zone has them."""
        renamed = {each.original for each in self.repeated}
        old = [entry for entry in self.archived if not entry.load_day and entry.key not in renamed]
        return frozenset(entry.key for entry in (*self.corrected, *self.withdrawn, *old))

    @property
    def is_empty(self) -> bool:
        """Whether all objects are as the last run left them."""
        return not (self.arrivals or self.corrected or self.withdrawn or self.archived or self.repeated)


def plan(
    listed: Iterable[tuple[Landed, StoredObject]], known: Mapping[str, Entry], edge: date | None = None
) -> Plan:
    """Compare a table's objects with what is known of them.

    `edge` is the last day that left the change zone: rows of it and of earlier days cannot be taken back.
    """
    objects = sorted(listed, key=lambda pair: pair[0].order)
    there = {stored.key: (stored.etag, stored.size) for _, stored in objects}
    gone = [each for each in known.values() if each.outcome is Outcome.LOADED and each.key not in there]
    old = [entry for entry in gone if _beyond(entry, edge)]
    holders = _holders(objects, known, there) | {entry.identity: entry.key for entry in old}
    arrivals, repeated, corrected = [], [], []
    for landed, stored in objects:
        entry, content = known.get(stored.key), there[stored.key]
        holder = holders[_identity(stored.key, content)]
        if entry and entry.content == content and not _taken_again(entry, holder):
            continue
        if entry and entry.outcome is Outcome.LOADED:
            corrected.append(entry)
        if holder == stored.key:
            arrivals.append(Arrival(landed, stored))
        else:
            repeated.append(Repeated(stored, holder))
    return Plan(
        tuple(arrivals),
        tuple(corrected),
        tuple(entry for entry in gone if entry not in old),
        tuple(old),
        tuple(repeated),
        tuple(
            each
            for each in known.values()
            if each.outcome is Outcome.QUARANTINED and there.get(each.key) == each.content
        ),
    )


def _holders(
    objects: Iterable[tuple[Landed, StoredObject]], known: Mapping[str, Entry], there: Mapping[str, Content]
) -> dict[Identity, str]:
    """The object that brings each content: one that is loaded and unchanged, else the first in the order of changes."""
    holders = {}
    for entry in known.values():
        loaded = entry.outcome in (Outcome.LOADED, Outcome.LEGACY) and there.get(entry.key) == entry.content
        if loaded or entry.outcome is Outcome.ARCHIVED:
            holders[entry.identity] = entry.key
    for _, stored in objects:
        holders.setdefault(_identity(stored.key, there[stored.key]), stored.key)
    return holders


def _taken_again(entry: Entry, holder: str) -> bool:
    """Whether an unchanged object is read after all: it came back, or the object that it repeated is gone."""
    return entry.outcome in (Outcome.WITHDRAWN, Outcome.REPEATED) and (
        entry.outcome is Outcome.WITHDRAWN or holder == entry.key
    )


def _identity(key: str, content: Content) -> Identity:
    return key.rpartition("/")[2].upper().startswith("LOAD"), content


def _beyond(entry: Entry, edge: date | None) -> bool:
    return edge is not None and entry.first_day is not None and entry.first_day <= edge
