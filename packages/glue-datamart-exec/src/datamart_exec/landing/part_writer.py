"""Writes what a batch changes in the change zone: new parts at the end of a day, or the whole day as one part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from datamart_exec.final_zone.shape import Shape
from datamart_exec.landing.batch import Batch
from datamart_exec.landing.change_zone import Part, Source, footer


@dataclass(frozen=True, slots=True)
class PartChange:
    """One day's change: the part to write (None: no rows are left), its rows as a query, and the parts to delete then."""

    day: date
    part: Part | None
    select: str
    delete: tuple[Part, ...]

    def copy(self, shape: Shape) -> str:
        """The statement that writes the part. Its object appears, or replaces the old one, at once."""
        if self.part is None:
            raise ValueError(f"no rows are left for {self.day}")
        return shape.copy(self.select, self.part.path, footer(self.part.sources))


def part_changes(batch: Batch, etags: Mapping[str, str], root: str) -> Iterator[PartChange]:
    """The changes of all days that the batch touches. `etags` are those of the objects that arrived; `root` is the
    folder of the table's change zone, `s3://bucket/{app}/_cdc/{table}`."""
    arrived = _arrived(batch, etags)
    gone = batch.leaving
    for day in sorted({*arrived, *(part.day for part in batch.zone.parts if part.ranges(gone))}):
        yield _day_change(batch, day, arrived.get(day, ()), gone, root)


def _day_change(
    batch: Batch, day: date, arrived: tuple[Source, ...], gone: frozenset[str], root: str
) -> PartChange:
    parts = [part for part in batch.zone.parts if part.day == day]
    new = batch.arrived_rows(day)
    if parts and arrived and _follow(parts[-1], arrived) and not any(part.ranges(gone) for part in parts):
        return PartChange(day, _part(root, day, arrived), _ordered(batch, new), ())
    stay = [source for part in parts for source in part.sources if source.landed.key not in gone]
    sources = tuple(sorted((*stay, *arrived), key=lambda source: source.landed.order))
    part = _part(root, day, sources) if sources else None
    old = batch.zone.rows(gone, [day]) if stay else None
    rows = f"{old} UNION ALL {new}" if old else new
    return PartChange(
        day, part, _ordered(batch, rows), tuple(p for p in parts if not part or p.path != part.path)
    )


def _arrived(batch: Batch, etags: Mapping[str, str]) -> dict[date, tuple[Source, ...]]:
    found: dict[date, tuple[Source, ...]] = {}
    for day, source, rows in batch.counts():
        landed = batch.arrived[source]
        found[day] = (*found.get(day, ()), Source(landed, etags[landed.key], rows))
    return found


def _follow(last: Part, arrived: tuple[Source, ...]) -> bool:
    return last.sources[-1].landed.order < arrived[0].landed.order


def _part(root: str, day: date, sources: tuple[Source, ...]) -> Part:
    return Part(f"{root}/dart_filedate={day}/{sources[0].landed.stem}.parquet", day, sources)


def _ordered(batch: Batch, rows: str) -> str:
    return f"SELECT {batch.shape.list()} FROM ({rows}) ORDER BY sequence"
