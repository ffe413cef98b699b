"""The landing of one table: from its objects in the landing zone to the final zone, the change zone and the manifest.

A run that is killed anywhere is repeated and ends the same: the final zone is committed first, the change zone follows,
the manifest is last. So nothing forgets which rows have to leave before they have left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
from datamart_exec.landing import earlier_state, policy
from datamart_exec.landing.batch import Batch
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
from datamart_exec.landing.target_schema import TargetTable
from datamart_exec.landing.zone_files import ZoneFiles
from datamart_exec.storage import StoredObject


@dataclass(frozen=True, slots=True)
class Landing:
    """What a run brought to a table; `days` are the states that were made or corrected."""

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
    earlier: frozenset[str]  # keys that the pipeline before this one had landed

    def run(self, listed: Iterable[tuple[Landed, StoredObject]]) -> Landing:
        """Land what is new, corrected or gone. Raises `DatamartError` when the policy refuses it; nothing changes then."""
        objects, table = list(listed), self._table()
        held, shape = known(table), tables.shape_of(table)
        entries, notes = self._known(objects, taken_over=bool(held.days))
        work = plan(objects, entries, held.edge)
        reader = Reader(
            *(
                self.duck,
                self.zone.storage,
                self.zone.places.landing_bucket,
                self.target,
                shape,
                self.day,
                held.edge,
            )
        )
        reader.start()
        read = reader.read(work.arrivals)
        loads = FullLoads(work, entries, self.day)
        read += reader.read(loads.others(objects, read), len(read))
        policy.refuse_changed(self.target.name, read, self._listed_again(read))
        write_rejects(self.duck, self.zone.storage, self.zone.places, self.target.name, read, work.withdrawn)
        self._quarantine(work, read)
        policy.refuse(self.rules, self.target.name, read, work.quarantined)
        batch = self._batch(shape, work, read, loads)
        measured = measure(self.duck, shape, batch.loads)
        first = batch.find_affected()
        steps = merge(
            table, self._writer(shape, table), batch, first, {"cars.run-date": self.day.isoformat()}
        )
        self.zone.write_changes(batch, {each.arrival.landed.key: each.arrival.stored.etag for each in read})
        self.zone.write_load_differences(batch, known(table.refresh()), first)
        self.quality.write_dataset(self.duck, measured)
        self.quality.write(measured)
        self.store.write(_entries(work, read, loads))
        self.zone.tidy(table, self._writer(shape, table), self.rules)
        told = [*notes, *warnings(work, read), *jumps(measured, totals(self.quality.recent()))]
        return Landing(tuple(read), work, tuple(step.tag for step in steps if step.tag), tuple(told))

    def _known(
        self, objects: Sequence[tuple[Landed, StoredObject]], *, taken_over: bool
    ) -> tuple[dict[str, Entry], list[str]]:
        """What is known of the objects, and what to tell of the notes of the pipeline before this one."""
        entries = self.store.read()
        found = {} if entries else earlier_state.entries(objects, self.earlier)
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
    for outcome, gone in ((Outcome.WITHDRAWN, work.withdrawn), (Outcome.ARCHIVED, work.archived)):
        for entry in gone:
            yield Entry(
                entry.key, entry.etag, entry.size, outcome, entry.first_day, entry.load_day, entry.rows
            )


def _quarantined(work: Plan, read: Sequence[ReadObject]) -> Iterator[Entry]:
    """The objects that cannot be read. One that was good before stays recorded with the rows that it brought."""
    corrected = {entry.key for entry in work.corrected}
    for each in read:
        stored = each.arrival.stored
        if each.unreadable and stored.key not in corrected:
            yield Entry(stored.key, stored.etag, stored.size, Outcome.QUARANTINED, reason=each.unreadable)
