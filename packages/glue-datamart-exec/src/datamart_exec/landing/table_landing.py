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

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone import maintenance, tables
from datamart_exec.final_zone.commit import commit, known
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.shape import Shape
from datamart_exec.landing import change_zone, part_writer
from datamart_exec.landing.batch import Batch
from datamart_exec.landing.change_zone import ChangeZone
from datamart_exec.landing.manifest import Arrival, Entry, Outcome, Plan, plan
from datamart_exec.landing.manifest_store import ManifestStore
from datamart_exec.landing.merge import merge
from datamart_exec.landing.object_names import Landed
from datamart_exec.landing.places import Places
from datamart_exec.landing.policy import Policy
from datamart_exec.landing.reading import Reader, ReadObject
from datamart_exec.landing.target_schema import TargetTable
from datamart_exec.storage import Storage, StoredObject


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
    storage: Storage
    catalog: GlueCatalog
    places: Places
    policy: Policy
    target: TargetTable
    store: ManifestStore
    day: date  # of the run

    def run(self, listed: Iterable[tuple[Landed, StoredObject]]) -> Landing:
        """Land what is new, corrected or gone. Raises `DatamartError` when the policy refuses it; nothing changes then."""
        objects = list(listed)
        entries = self.store.read()
        table = self._table()
        shape = tables.shape_of(table)
        work = plan(objects, entries, known(table).edge)
        reader = Reader(self.duck, self.places.landing_bucket, self.target, shape, self.day)
        read = reader.read(work.arrivals)
        loads = self._loads(work, read, entries)
        read += reader.read_more(self._rest_of_loads(objects, entries, work, loads), len(read))
        self._write_rejects(read)
        self.policy.refuse(self.target.name, read, work.quarantined)
        batch = self._batch(shape, work, read, loads)
        steps = merge(table, self._writer(shape, table), batch, {"cars.run-date": self.day.isoformat()})
        self._write_parts(batch, read)
        self.store.write(_entries(work, read, loads))
        self._tidy(shape)
        return Landing(tuple(read), work, tuple(step.tag for step in steps if step.tag))
