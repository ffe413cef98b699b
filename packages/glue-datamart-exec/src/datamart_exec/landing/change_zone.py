"""The change zone of a table: parts by day, each with the rows of consecutive landing objects in their order.

A part's footer names its landing objects and how many rows each brought, so the rows of one object are a known range.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.shape import Shape
from datamart_exec.landing.object_names import Landed, parse_key
from datamart_exec.staging.cast import literal

SOURCES = "cars.sources"  # key in a part's footer
LOAD_DIFFERENCES = (
    "00000000-load"  # the part that holds what a full load changed: derived, sorted before the others
)
ROW_BITS = 40  # of a sequence number: rows of a part, and of a landing object
EXISTING = 1 << 64
POSITION = 1 << 65


@dataclass(frozen=True, slots=True)
class Source:
    """A landing object in a part: its content by ETag, and the number of rows of the part that came from it."""

    landed: Landed
    etag: str
    rows: int


@dataclass(frozen=True, slots=True)
class Part:
    """One object of the change zone."""

    path: str  # s3://bucket/key
    day: date
    sources: tuple[Source, ...]

    @property
    def rows(self) -> int:
        return sum(source.rows for source in self.sources)

    def rows_before(self, landed: Landed) -> int:
        """The number of rows of landing objects that come before this one."""
        return sum(source.rows for source in self.sources if source.landed.order < landed.order)

    def ranges(self, keys: Iterable[str]) -> list[tuple[int, int]]:
        """First and last row number of each of these landing objects that has rows here."""
        wanted, found, first = set(keys), [], 0
        for source in self.sources:
            if source.landed.key in wanted and source.rows:
                found.append((first, first + source.rows - 1))
            first += source.rows
        return found


@dataclass(frozen=True, slots=True)
class ChangeZone:
    """The parts of one table, in order, and the SQL that reads them."""

    shape: Shape
    parts: tuple[Part, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The landing objects that have rows here."""
        return frozenset(source.landed.key for part in self.parts for source in part.sources)

    def rows(self, without: Iterable[str] = (), days: Iterable[date] | None = None) -> str | None:
        """A query: `day`, `sequence` and the columns of all rows but those of some landing objects; None: no rows."""
        chosen = set(days) if days is not None else {part.day for part in self.parts}
        return self._select([part for part in self.parts if part.day in chosen], without, keep=False)

    def rows_of(self, keys: Iterable[str]) -> str | None:
        """The same query for the rows of these landing objects alone."""
        wanted = tuple(keys)
        return self._select([part for part in self.parts if part.ranges(wanted)], wanted, keep=True)

    def _select(self, parts: Sequence[Part], keys: Iterable[str], *, keep: bool) -> str | None:
        if not parts:
            return None
        keys = tuple(keys)
        rows = ", ".join(
            f"({literal(part.path)}, DATE '{part.day}', {self._number(part)}::HUGEINT)" for part in parts
        )
        return (
            f"SELECT p.day, (p.number + f.file_row_number) * {POSITION} + {EXISTING} AS sequence, {self.shape.list('f')}"
            f" FROM {self.shape.read([part.path for part in parts], row_numbers=True)} f"
            f" JOIN (VALUES {rows}) p(path, day, number) ON p.path = f.filename"
            f"{self._filter(parts, keys, keep=keep)}"
        )

    def _filter(self, parts: Sequence[Part], keys: Sequence[str], *, keep: bool) -> str:
        ranges = [
            f"(f.filename = {literal(part.path)} AND f.file_row_number BETWEEN {first} AND {last})"
            for part in parts
            for first, last in part.ranges(keys)
        ]
        if not ranges:
            return ""
        return f" WHERE {'' if keep else 'NOT '}({' OR '.join(ranges)})"

    def _number(self, part: Part) -> int:
        """Where a part stands in its day, as the sequence number of its first row."""
        return [each for each in self.parts if each.day == part.day].index(part) << ROW_BITS

    def sequence_of(self, day: date, landed: Landed, rank: int) -> int:
        """The sequence number of the first row that a landing object adds to a day; `rank` orders such objects."""
        position = 0
        for part in (each for each in self.parts if each.day == day):
            if before := part.rows_before(landed):
                position = self._number(part) + before
        return position * POSITION + (rank << ROW_BITS)


def read_footers(duck: duckdb.DuckDBPyConnection, paths: Iterable[str]) -> dict[str, str | None]:
    """What the footers of parts say of their sources; None where another writer made the part."""
    own: dict[str, str | None] = {
        path: None for path in paths if not path.endswith(f"/{LOAD_DIFFERENCES}.parquet")
    }
    if own:
        files = ", ".join(literal(path) for path in own)
        query = f"SELECT file_name, decode(value) FROM parquet_kv_metadata([{files}]) WHERE decode(key) = '{SOURCES}'"
        own |= dict(duck.execute(query).fetchall())
    return own


def parts_of(
    shape: Shape, days: Mapping[str, date], footers: Mapping[str, str | None], prefix: str
) -> ChangeZone:
    """The parts of a table by path, with their days and footers. `prefix` is that of the landing zone's keys."""
    parts = [Part(path, days[path], _sources(path, text, prefix)) for path, text in footers.items()]
    return ChangeZone(shape, tuple(sorted(parts, key=lambda part: (part.day, part.sources[0].landed.order))))


def _landed(key: str, prefix: str) -> Landed:
    """A landing object by its key; a part that was taken over is its own source, before those of its day."""
    return parse_key(key, prefix) or Landed(key, "", True, None, 0)


def _sources(path: str, text: str | None, prefix: str) -> tuple[Source, ...]:
    try:
        entries: list[Mapping[str, Any]] = json.loads(text or "")
        found = [(_landed(entry["key"], prefix), entry) for entry in entries]
        sources = tuple(Source(landed, entry["etag"], int(entry["rows"])) for landed, entry in found)
    except (ValueError, KeyError, TypeError):
        sources = ()
    if not sources:
        raise DatamartError(
            f"{path} does not say which landing objects its rows came from (footer key {SOURCES}); restore the part,"
            " or move it away and land a full load"
        )
    return sources


def footer(sources: Sequence[Source]) -> str:
    """The option of COPY that puts the landing objects into a part's footer."""
    entries = [
        {"key": source.landed.key, "etag": source.etag, "rows": source.rows}
        for source in sources
        if source.rows
    ]
    return f"KV_METADATA {{{literal(SOURCES)}: {literal(json.dumps(entries))}}}"
