"""The objects of a table in the final bucket: parts of the change zone, rejects, and files that nobody needs any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import duckdb
from pyiceberg.table import Table

from datamart_exec import logs
from datamart_exec.arguments import LandingRules
from datamart_exec.final_zone import maintenance
from datamart_exec.final_zone.commit import commit, known
from datamart_exec.final_zone.files import FileWriter
from datamart_exec.final_zone.shape import Shape
from datamart_exec.final_zone.states import Known
from datamart_exec.landing import load_differences
from datamart_exec.landing.batch import Batch
from datamart_exec.landing.change_zone import LOAD_DIFFERENCES, ChangeZone, parts_of, read_footers
from datamart_exec.landing.export import export
from datamart_exec.landing.part_writer import part_changes
from datamart_exec.landing.places import Places
from datamart_exec.storage import Storage, StoredObject

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

    def plain(self) -> list[StoredObject]:
        """The Parquet objects of the final zone beside its data files."""
        root = f"{self.places.app}/{self.table}/"
        found = self.storage.folder(self.places.final_bucket, root)
        return [each for each in found.objects if each.key.endswith(".parquet")]

    def read(
        self,
        duck: duckdb.DuckDBPyConnection,
        shape: Shape,
        edge: date | None,
        take_over: Callable[[str, date], None],
    ) -> ChangeZone:
        """The parts of the change zone after the edge, by their footers; `take_over` is called with the key and day of
        each that another writer made."""
        days = {key: day for key, day in self.days().items() if edge is None or day > edge}
        footers = read_footers(duck, map(self.places.final_uri, days))
        foreign = [self._key(path) for path, text in footers.items() if text is None]
        for key in foreign:
            take_over(key, days[key])
        footers |= read_footers(duck, map(self.places.final_uri, foreign))
        by_path = {self.places.final_uri(key): day for key, day in days.items()}
        return parts_of(shape, by_path, footers, self.places.landing_prefix)

    def write_changes(self, batch: Batch, etags: Mapping[str, str]) -> None:
        """Bring the change zone to what the batch makes of it, day by day; each part appears at once."""
        root = self.places.final_uri(self.places.change_prefix(self.table)).rstrip("/")
        for change in part_changes(batch, etags, root):
            if change.part:
                batch.duck.execute(change.copy(batch.shape))
            self.remove([self._key(part.path) for part in change.delete])

    def write_load_differences(self, batch: Batch, held: Known, first: date | None) -> None:
        """Write what full loads changed, for those that a batch brought and those whose state before changed."""
        for day in sorted({*batch.loads, *(each for each in held.loads if first and each > first)}):
            key = self._differences_key(day)
            query = load_differences.differences(batch.shape, held, day)
            if query is None or not load_differences.count(batch.duck, query):
                self.remove([key])
            else:
                batch.duck.execute(batch.shape.copy(query, self.places.final_uri(key)))

    def tidy(self, table: Table, writer: FileWriter, rules: LandingRules, digest: str) -> None:
        """Merge small files, let the oldest dates leave the change zone, drop old states and files of no state.

        Killed anywhere, it is done again by the next run. `digest` stands for the landing objects."""
        if step := maintenance.compaction(table, writer):
            commit(table, [step], {})
        days = self.days()
        dropped = maintenance.dropped_days(days.values(), rules.keep_dates, known(table).edge)
        maintenance.expire(table, rules.keep_snapshots, dropped)
        self.remove([key for key, day in days.items() if day in set(dropped)])
        self._delete_orphans(table)
        maintenance.mark_tidied(table, digest)

    def export(self, duck: duckdb.DuckDBPyConnection, shape: Shape, table: Table) -> None:
        """Write the current rows as plain Parquet."""
        bucket, key = self.places.final_bucket, self.places.export_key(self.table)
        exists = any(found.key == key for found in self.storage.objects(bucket, key))
        export(duck, shape, table, self.places.final_uri(key), exists=exists)

    def _delete_orphans(self, table: Table) -> None:
        needed = maintenance.referenced(table)
        for folder in ("data", "metadata"):
            prefix = f"{self.places.app}/{self.table}/{folder}/"
            stored = (each.key for each in self.storage.objects(self.places.final_bucket, prefix))
            self.remove(
                [key for key in stored if not key.endswith("/") and self.places.final_uri(key) not in needed]
            )

    def _differences_key(self, day: date) -> str:
        return f"{self.places.change_prefix(self.table)}{PARTITION}{day}/{LOAD_DIFFERENCES}.parquet"

    def _key(self, uri: str) -> str:
        return uri.removeprefix(self.places.final_uri(""))

    def remove(self, keys: list[str]) -> None:
        """Delete objects of the final bucket; those that are gone already do not matter."""
        self.storage.delete(self.places.final_bucket, keys)


def _partition_day(folder: str, name: str) -> date | None:
    if not folder.startswith(PARTITION) or "/" in name or not name.endswith(".parquet"):
        return None
    try:
        return date.fromisoformat(folder.removeprefix(PARTITION))
    except ValueError:
        return None
