"""The objects of a table in the final bucket: parts of the change zone, rejects, and files that nobody needs any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
from pyiceberg.table import Table

from datamart_exec import logs
from datamart_exec.arguments import LandingRules
from datamart_exec.final_zone import maintenance
from datamart_exec.final_zone.commit import commit
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.shape import Shape
from datamart_exec.final_zone.states import Known
from datamart_exec.landing import load_differences
from datamart_exec.landing.batch import Batch
from datamart_exec.landing.change_zone import LOAD_DIFFERENCES, ChangeZone, read_parts
from datamart_exec.landing.part_writer import part_changes
from datamart_exec.landing.places import Places
from datamart_exec.storage import Storage

PARTITION = "dart_filedate="


@dataclass(frozen=True, slots=True)
class ZoneFiles:
    """Reads and writes the objects of one table."""

    storage: Storage
    places: Places
    table: str

    def days(self) -> dict[str, date]:
        """The keys of the change zone's parts with their days; other objects are named in the log and left alone."""
        found, strange = {}, []
        prefix = self.places.change_prefix(self.table)
        for stored in self.storage.objects(self.places.final_bucket, prefix):
            folder, _, name = stored.key.removeprefix(prefix).partition("/")
            if day := _partition_day(folder, name):
                found[stored.key] = day
            else:
                strange.append(stored.key)
        if strange:
            logs.warning(
                "objects in the change zone that are no parts of a day", count=len(strange), first=strange[0]
            )
        return found

    def read(self, duck: duckdb.DuckDBPyConnection, shape: Shape) -> ChangeZone:
        """The parts of the change zone by their footers."""
        paths = {self.places.final_uri(key): day for key, day in self.days().items()}
        return read_parts(duck, shape, paths, self.places.landing_prefix)

    def write_changes(self, batch: Batch, etags: Mapping[str, str]) -> None:
        """Bring the change zone to what the batch makes of it, day by day; each part appears at once."""
        root = self.places.final_uri(self.places.change_prefix(self.table)).rstrip("/")
        for change in part_changes(batch, etags, root):
            if change.part:
                batch.duck.execute(change.copy(batch.shape))
            self._delete([self._key(part.path) for part in change.delete])

    def write_load_differences(self, batch: Batch, known: Known, first: date | None) -> None:
        """Write what full loads changed, for those that a batch brought and those whose state before changed."""
        for day in sorted({*batch.loads, *(each for each in known.loads if first and each > first)}):
            key = self._differences_key(day)
            query = load_differences.differences(batch.shape, known, day)
            if query is None or not load_differences.count(batch.duck, query):
                self._delete([key])
            else:
                batch.duck.execute(batch.shape.copy(query, self.places.final_uri(key)))

    def tidy(self, table: Table, writer: FileWriter, rules: LandingRules) -> None:
        """Merge small files, let the oldest dates leave the change zone, drop old states and files of no state."""
        if step := maintenance.compaction(table, writer):
            commit(table, [step], {})
            table = table.refresh()
        days = self.days()
        dropped = maintenance.dropped_days(days.values(), rules.keep_dates)
        maintenance.move_edge(table, dropped)
        self._delete([key for key, day in days.items() if day in set(dropped)])
        table = table.refresh()
        maintenance.expire(table, rules.keep_snapshots)
        self._delete_orphans(table.refresh())

    def _delete_orphans(self, table: Table) -> None:
        needed = maintenance.referenced(table)
        prefix = f"{self.places.app}/{self.table}/"
        stored = (each.key for each in self.storage.objects(self.places.final_bucket, prefix))
        self._delete([key for key in stored if self.places.final_uri(key) not in needed])

    def _differences_key(self, day: date) -> str:
        return f"{self.places.change_prefix(self.table)}{PARTITION}{day}/{LOAD_DIFFERENCES}.parquet"

    def _key(self, uri: str) -> str:
        return uri.removeprefix(self.places.final_uri(""))

    def _delete(self, keys: list[str]) -> None:
        self.storage.delete(self.places.final_bucket, keys)


def _partition_day(folder: str, name: str) -> date | None:
    if not folder.startswith(PARTITION) or "/" in name or not name.endswith(".parquet"):
        return None
    try:
        return date.fromisoformat(folder.removeprefix(PARTITION))
    except ValueError:
        return None
