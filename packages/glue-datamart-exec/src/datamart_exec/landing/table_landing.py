"""The landing of one table: from its objects in the landing zone to the final zone, the change zone and the manifest.

A run that is killed anywhere is repeated and ends the same: the final zone is committed first, the change zone follows,
the manifest is last. So nothing forgets which rows have to leave before they have left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.table import Table

from datamart_exec.arguments import LandingRules
from datamart_exec.final_zone import tables
from datamart_exec.final_zone.commit import known
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.shape import Shape
from datamart_exec.landing import policy
from datamart_exec.landing.batch import Batch
from datamart_exec.landing.full_loads import FullLoads
from datamart_exec.landing.manifest import Entry, Outcome, Plan, plan
from datamart_exec.landing.manifest_store import ManifestStore
from datamart_exec.landing.merge import merge
from datamart_exec.landing.object_names import Landed
from datamart_exec.landing.reading import Reader, ReadObject
from datamart_exec.landing.rejects import write_rejects
from datamart_exec.landing.target_schema import TargetTable
from datamart_exec.landing.zone_files import ZoneFiles
from datamart_exec.storage import StoredObject


@dataclass(frozen=True, slots=True)
class Landing:
    """What a run brought to a table; `days` are the states that were made or corrected."""

    read: tuple[ReadObject, ...]
    plan: Plan
    days: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows taken from objects that arrived."""
        return sum(each.rows - each.rejected for each in self.read)


@dataclass(frozen=True, slots=True)
class TableLanding:
    """Lands one table. The caller holds the table's lock, and commits the manifest."""

    duck: duckdb.DuckDBPyConnection
    catalog: GlueCatalog
    zone: ZoneFiles
    rules: LandingRules
    target: TargetTable
    store: ManifestStore
    day: date  # of the run

    def run(self, listed: Iterable[tuple[Landed, StoredObject]]) -> Landing:
        """Land what is new, corrected or gone. Raises `DatamartError` when the policy refuses it; nothing changes then."""
        objects, entries, table = list(listed), self.store.read(), self._table()
        held, shape = known(table), tables.shape_of(table)
        work = plan(objects, entries, held.edge)
        reader = Reader(self.duck, self.zone.places.landing_bucket, self.target, shape, self.day, held.edge)
        reader.start()
        read = reader.read(work.arrivals)
        loads = FullLoads(work, entries, self.day)
        read += reader.read(loads.others(objects, read), len(read))
        write_rejects(self.duck, self.zone.storage, self.zone.places, self.target.name, read)
        policy.refuse(self.rules, self.target.name, read, work.quarantined)
        batch = self._batch(shape, work, read, loads)
        first = batch.find_affected()
        steps = merge(table, self._writer(shape, table), batch, first, {"cars.run-date": self.day.isoformat()})
        self.zone.write_changes(batch, {each.arrival.landed.key: each.arrival.stored.etag for each in read})
        self.zone.write_load_differences(batch, known(table.refresh()), first)
        self.store.write(_entries(work, read, loads))
        self.zone.tidy(table, self._writer(shape, table), self.rules)
        return Landing(tuple(read), work, tuple(step.tag for step in steps if step.tag))

    def _table(self) -> Table:
        places, name = self.zone.places, self.target.name
        columns, key = self.target.zone_columns(), self.target.zone_key()
        return tables.open_or_create(
            self.catalog, places.catalog_name(name), places.final_location(name), columns, key
        )

    def _writer(self, shape: Shape, table: Table) -> FileWriter:
        return FileWriter(self.duck, shape, table.metadata, table.io, self.rules.file_mb << 20)

    def _batch(self, shape: Shape, work: Plan, read: Sequence[ReadObject], loads: FullLoads) -> Batch:
        # an object that was good and cannot be read now keeps the rows that it brought
        kept = {each.arrival.landed.key for each in read if each.unreadable}
        return Batch(
            self.duck,
            shape,
            self.zone.read(self.duck, shape),
            [each.arrival.landed for each in read],
            work.leaving - kept,
            loads.sources(read),
        )


def _entries(work: Plan, read: Sequence[ReadObject], loads: FullLoads) -> Iterator[Entry]:
    """What is known of the objects from now on."""
    corrected = {entry.key for entry in work.corrected}
    for each in read:
        stored = each.arrival.stored
        if each.unreadable is None:
            day = loads.day_of(each)
            yield Entry(
                *(stored.key, stored.etag, stored.size, Outcome.LOADED, day or each.first_day, day),
                rows=each.rows,
                rejected=each.rejected,
            )
        elif stored.key not in corrected:
            yield Entry(stored.key, stored.etag, stored.size, Outcome.QUARANTINED, reason=each.unreadable)
    for repeated in work.repeated:
        stored = repeated.stored
        reason = f"same content as {repeated.original}"
        yield Entry(stored.key, stored.etag, stored.size, Outcome.REPEATED, reason=reason)
    for outcome, gone in ((Outcome.WITHDRAWN, work.withdrawn), (Outcome.ARCHIVED, work.archived)):
        for entry in gone:
            yield Entry(entry.key, entry.etag, entry.size, outcome, entry.first_day, entry.load_day, entry.rows)
