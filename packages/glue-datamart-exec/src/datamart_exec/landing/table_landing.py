"""The landing of one table: from its objects in the landing zone to the final zone, the change zone and the manifest.

A run that is killed anywhere is repeated and ends the same: the final zone is committed first, the change zone follows,
the manifest is last. So nothing forgets which rows have to leave before they have left. Upkeep comes after the
manifest is committed, because it moves the edge, after which rows of older days are not taken any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from datamart_exec.landing import earlier_state, policy
from datamart_exec.landing.batch import Batch
from datamart_exec.landing.change_zone import ChangeZone
from datamart_exec.landing.full_loads import FullLoads
from datamart_exec.landing.manifest import Entry, Outcome, Plan, plan
from datamart_exec.landing.manifest_store import ManifestStore
from datamart_exec.landing.merge import merge
from datamart_exec.landing.object_names import Landed
from datamart_exec.landing.quality import jumps, measure, totals
from datamart_exec.landing.quality_store import QualityStore
from datamart_exec.landing.reading import Reader, ReadObject
from datamart_exec.landing.rejects import write_rejects
from datamart_exec.landing.report import warnings
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
    warnings: tuple[str, ...]

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
    quality: QualityStore
    day: date  # of the run
    earlier: Callable[[], frozenset[str]]  # reads which keys the pipeline before this one had landed

    def run(self, listed: Iterable[tuple[Landed, StoredObject]]) -> Landing:
        """Land what is new, corrected or gone. Raises `DatamartError` when the policy refuses it; nothing changes then."""
        objects, table = list(listed), self._table()
        entries, notes = self._known(objects, taken_over=bool(known(table).days))
        work = plan(objects, entries, known(table).edge)
        if work.is_empty:
            policy.refuse(self.rules, self.target.name, (), work.quarantined)
            tag_day(table, self.day)
            return Landing(table, (), work, (), tuple(notes))
        zone = self.zone.read(
            self.duck, tables.shape_of(table), known(table).edge, self._take_over(table).part
        )
        loads = FullLoads(work, entries, self.day, known(table).oldest)
        read = self._good(work, self._read(table, objects, loads))
        batch = self._batch(zone, work, read, loads)
        measured = measure(self.duck, zone.shape, batch.loads)
        days = self._commit(table, batch, read)
        self.quality.write_dataset(self.duck, measured)
        self.quality.write(measured)
        self.store.write(_entries(work, read, loads, batch.zone.keys))
        told = (*notes, *warnings(work, read), *jumps(measured, totals(self.quality.recent())))
        return Landing(table, tuple(read), work, days, told)

    def _good(self, work: Plan, read: list[ReadObject]) -> list[ReadObject]:
        """The objects that were read, when the policy takes them; rows and objects that do not fit are recorded."""
        policy.refuse_changed(self.target.name, read, self._listed_again(read))
        write_rejects(self.duck, self.zone.storage, self.zone.places, self.target.name, read, work.withdrawn)
        self._quarantine(work, read)
        policy.refuse(self.rules, self.target.name, read, work.quarantined)
        return read

    def _commit(self, table: Table, batch: Batch, read: Sequence[ReadObject]) -> tuple[str, ...]:
        """Write both zones: first the states, then what the change zone makes of the batch. The tags that were made."""
        first = batch.find_affected()
        steps = merge(table, self._writer(table), batch, first, self.day)
        tag_day(table, self.day)
        # before the changes: which states are affected follows from the rows that leave the change zone
        self.zone.write_load_differences(batch, known(table), first)
        self.zone.write_changes(batch, {each.arrival.landed.key: each.arrival.stored.etag for each in read})
        return tuple(step.tag for step in steps if step.tag)

    def tidy(self, table: Table, digest: str) -> None:
        """Do the upkeep that is due since the landing objects became what `digest` stands for."""
        if not is_tidied(table, digest):
            self.zone.tidy(table, self._writer(table), self.rules, digest)
        if self.rules.export:
            self.zone.export(self.duck, tables.shape_of(table), table.refresh())

    def _known(
        self, objects: Sequence[tuple[Landed, StoredObject]], *, taken_over: bool
    ) -> tuple[dict[str, Entry], list[str]]:
        """What is known of the objects, and what to tell of the notes of the pipeline before this one."""
        entries = self.store.read()
        found = {} if entries else earlier_state.entries(objects, self.earlier())
        if not found:
            return entries, []
        if not taken_over:
            return entries, [
                f"{len(found)} objects are named in the notes of the pipeline before this one, but the final zone has no"
                " state: they are landed anew"
            ]
        self.store.write(found.values())
        return found, [
            f"{len(found)} objects were landed by the pipeline before this one, by its notes: not landed again"
        ]

    def _listed_again(self, read: Sequence[ReadObject]) -> dict[str, StoredObject]:
        """The objects as they are now in the folders that were read."""
        places = self.zone.places
        folders = {f"{places.landing_prefix}{each.arrival.landed.table}/" for each in read}
        return {
            stored.key: stored
            for folder in sorted(folders)
            for stored in self.zone.storage.objects(places.landing_bucket, folder)
        }

    def _quarantine(self, work: Plan, read: Sequence[ReadObject]) -> None:
        """Record what cannot be read, even when the policy refuses the table then."""
        self.store.write(_quarantined(work, read))
        self.store.conn.commit()

    def _table(self) -> Table:
        places, name = self.zone.places, self.target.name
        columns, key = self.target.zone_columns(), self.target.zone_key()
        table = tables.open_or_create(
            self.catalog, places.catalog_name(name), places.final_location(name), columns, key
        )
        return self._take_over(table).final_zone(table, lambda: self._writer(table))

    def _take_over(self, table: Table) -> TakeOver:
        shape, bucket = tables.shape_of(table), self.zone.places.final_bucket
        reader = Reader(self.duck, self.zone.storage, bucket, own_names(self.target), shape, self.day, None)
        return TakeOver(self.duck, self.zone, shape, reader, self.day)

    def _writer(self, table: Table) -> FileWriter:
        shape = tables.shape_of(table)
        return FileWriter(self.duck, shape, table.metadata, table.io, self.rules.file_mb << 20)

    def _read(
        self, table: Table, objects: Sequence[tuple[Landed, StoredObject]], loads: FullLoads
    ) -> list[ReadObject]:
        """Read what arrived, and the rest of full loads of which a part changed."""
        shape, edge = tables.shape_of(table), known(table).edge
        places, storage = self.zone.places, self.zone.storage
        reader = Reader(self.duck, storage, places.landing_bucket, self.target, shape, self.day, edge)
        reader.start()
        read = reader.read(loads.plan.arrivals)
        for number, reason in loads.too_old(read).items():
            self.duck.execute("DELETE FROM incoming WHERE source = ?", [number])
            read[number] = ReadObject(read[number].arrival, unreadable=reason)
        return read + reader.read(loads.others(objects, read), len(read))

    def _batch(self, zone: ChangeZone, work: Plan, read: Sequence[ReadObject], loads: FullLoads) -> Batch:
        # an object that was good and cannot be read now keeps the rows that it brought
        kept = {each.arrival.landed.key for each in read if each.unreadable}
        arrived = {each.arrival.landed.key for each in read}
        return Batch(
            self.duck,
            zone.shape,
            zone,
            [each.arrival.landed for each in read],
            (work.leaving | arrived) - kept,
            loads.sources(read),
        )


def _entries(
    work: Plan, read: Sequence[ReadObject], loads: FullLoads, in_zone: frozenset[str]
) -> Iterator[Entry]:
    """What is known of the objects from now on. `in_zone` are those that the change zone had rows of."""
    for each in read:
        stored = each.arrival.stored
        if each.unreadable is None:
            day = loads.day_of(each)
            yield Entry(
                *(stored.key, stored.etag, stored.size, Outcome.LOADED, day or each.first_day, day),
                rows=each.rows,
                rejected=each.rejected,
            )
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


def _quarantined(work: Plan, read: Sequence[ReadObject]) -> Iterator[Entry]:
    """The objects that cannot be read. One that was good before stays recorded with the rows that it brought."""
    corrected = {entry.key for entry in work.corrected}
    for each in read:
        stored = each.arrival.stored
        if each.unreadable and stored.key not in corrected:
            yield Entry(stored.key, stored.etag, stored.size, Outcome.QUARANTINED, reason=each.unreadable)
