"""The landing of one table: from its objects in the landing zone to the final zone, the change zone and the manifest.

A run that is killed anywhere is repeated and ends the same: the final zone is committed first, the change zone follows,
the manifest is last. So nothing forgets which rows have to leave before they have left. Upkeep comes after the
manifest is committed, because it moves the edge, after which rows of older days are not taken any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb
from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.table import Table

from datamart_exec.arguments import LandingRules
from datamart_exec.final_zone import tables
from datamart_exec.final_zone.commit import known, tag_day
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.maintenance import is_tidied
from datamart_exec.landing import policy
from datamart_exec.landing.batch import Batch
from datamart_exec.landing.change_zone import ChangeZone
from datamart_exec.landing.full_loads import FullLoads
from datamart_exec.landing.manifest import Entry, Outcome, Plan, plan
from datamart_exec.landing.manifest_store import ManifestStore
from datamart_exec.landing.merge import merge
from datamart_exec.landing.object_names import Landed
from datamart_exec.landing.reading import Reader, ReadObject
from datamart_exec.landing.rejects import write_rejects
from datamart_exec.landing.take_over import TakeOver, own_names
from datamart_exec.landing.target_schema import TargetTable
from datamart_exec.landing.zone_files import ZoneFiles
from datamart_exec.storage import StoredObject


@dataclass(frozen=True, slots=True)
class Landing:
    """What a run brought to a table; `days` are the states that were made or corrected."""

    table: Table
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
        work = plan(objects, entries, known(table).edge)
        if work.is_empty:
            policy.refuse(self.rules, self.target.name, (), work.quarantined)
            tag_day(table, self.day)
            return Landing(table, (), work, ())
        zone = self.zone.read(
            self.duck, tables.shape_of(table), known(table).edge, self._take_over(table).part
        )
        loads = FullLoads(work, entries, self.day, known(table).oldest)
        read = self._read(table, objects, loads)
        write_rejects(self.duck, self.zone.storage, self.zone.places, self.target.name, read)
        policy.refuse(self.rules, self.target.name, read, work.quarantined)
        batch = self._batch(zone, work, read, loads)
        first = batch.find_affected()
        steps = merge(table, self._writer(table), batch, first, self.day)
        tag_day(table, self.day)
        # before the changes: which states are affected follows from the rows that leave the change zone
        self.zone.write_load_differences(batch, known(table), first)
        self.zone.write_changes(batch, {each.arrival.landed.key: each.arrival.stored.etag for each in read})
        self.store.write(_entries(work, read, loads, batch.zone.keys))
        return Landing(table, tuple(read), work, tuple(step.tag for step in steps if step.tag))

    def tidy(self, table: Table, digest: str) -> None:
        """Do the upkeep that is due since the landing objects became what `digest` stands for."""
        if not is_tidied(table, digest):
            self.zone.tidy(table, self._writer(table), self.rules, digest)
        if self.rules.export:
            self.zone.export(self.duck, tables.shape_of(table), table.refresh())

    def _table(self) -> Table:
        places, name = self.zone.places, self.target.name
        columns, key = self.target.zone_columns(), self.target.zone_key()
        table = tables.open_or_create(
            self.catalog, places.catalog_name(name), places.final_location(name), columns, key
        )
        return self._take_over(table).final_zone(table, lambda: self._writer(table))

    def _take_over(self, table: Table) -> TakeOver:
        shape, bucket = tables.shape_of(table), self.zone.places.final_bucket
        reader = Reader(self.duck, bucket, own_names(self.target), shape, self.day, None)
        return TakeOver(self.duck, self.zone, shape, reader, self.day)

    def _writer(self, table: Table) -> FileWriter:
        shape = tables.shape_of(table)
        return FileWriter(self.duck, shape, table.metadata, table.io, self.rules.file_mb << 20)

    def _read(
        self, table: Table, objects: Sequence[tuple[Landed, StoredObject]], loads: FullLoads
    ) -> list[ReadObject]:
        """Read what arrived, and the rest of full loads of which a part changed."""
        shape, edge = tables.shape_of(table), known(table).edge
        reader = Reader(self.duck, self.zone.places.landing_bucket, self.target, shape, self.day, edge)
        reader.start()
        read = reader.read(loads.plan.arrivals)
        for number, reason in loads.too_old(read).items():
            self.duck.execute("DELETE FROM incoming WHERE source = ?", [number])
            read[number] = ReadObject(read[number].arrival, unreadable=reason)
        return read + reader.read(loads.others(objects, read), len(read))

    def _batch(self, zone: ChangeZone, work: Plan, read: Sequence[ReadObject], loads: FullLoads) -> Batch:
        # an object that was good and cannot be read now keeps the rows that it brought
        kept = {each.arrival.landed.key for each in read if each.unreadable}
        return Batch(
            self.duck,
            zone.shape,
            zone,
            [each.arrival.landed for each in read],
            work.leaving - kept,
            loads.sources(read),
        )


def _entries(
    work: Plan, read: Sequence[ReadObject], loads: FullLoads, in_zone: frozenset[str]
) -> Iterator[Entry]:
    """What is known of the objects from now on. `in_zone` are those that the change zone had rows of."""
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
    replaced = loads.replaced(read)
    for entry in (*work.withdrawn, *work.archived):
        stays = entry in replaced or (entry in work.archived and entry.key not in work.leaving & in_zone)
        yield replace(
            entry, outcome=Outcome.ARCHIVED if stays else Outcome.WITHDRAWN, rejected=None, reason=None
        )
