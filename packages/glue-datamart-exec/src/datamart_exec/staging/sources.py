"""Source tables as Parquet files on S3: from a table reference to prefixes, and to the files under them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from datamart_exec.dates import iso_date
from datamart_exec.errors import DatamartError
from datamart_exec.staging.script import PARTITION_COLUMN, Reference
from datamart_exec.storage import Storage, StoredObject

MAX_PREFIXES = 31  # a longer range of dates is listed as a whole instead of date by date


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file and, in the change zone, the date of its partition."""

    object: StoredObject
    uri: str
    partition: date | None


@dataclass(frozen=True, slots=True)
class Source:
    """A reference and its files to read. Without any, the columns come from `schema_file`."""

    reference: Reference
    files: tuple[File, ...]
    schema_file: File | None

    @property
    def schema_files(self) -> tuple[File, ...]:
        return self.files or ((self.schema_file,) if self.schema_file else ())


@dataclass(frozen=True, slots=True)
class Zones:
    """The final zone and the change zone of one application."""

    storage: Storage
    bucket: str
    app: str
    env: str

    def resolve(self, script: str, reference: Reference) -> Source:
        """The files of a reference; an error when neither zone has the table, because its columns are unknown then."""
        if self._is_changes(script, reference):
            files = self._changes(reference)
            return Source(reference, files, None if files else self._schema_file(script, reference))
        files = self._files(self._final(reference))
        if not files:
            raise DatamartError(
                f"{script}: source table {reference.name} has no Parquet file under"
                f" s3://{self.bucket}/{self._final(reference)}; load the final zone first or correct the name"
            )
        return Source(reference, files, None)

    def _is_changes(self, script: str, reference: Reference) -> bool:
        final = f"fsa-{self.env}-{self.app}"
        if reference.database not in (final, f"{final}-cdc"):
            raise DatamartError(
                f"{script}: unknown database {reference.name}; known are `{final}` and `{final}-cdc`"
            )
        return reference.database.endswith("-cdc")

    def _final(self, reference: Reference) -> str:
        return f"{self.app}/{reference.table}/"

    def _changes_root(self, reference: Reference) -> str:
        return f"{self.app}/_cdc/{reference.table}/"

    def _changes(self, reference: Reference) -> tuple[File, ...]:
        root = self._changes_root(reference)
        dates = sorted(self._dates(reference, root))
        return tuple(file for day in dates for file in self._files(f"{root}{PARTITION_COLUMN}={day}/", day))

    def _dates(self, reference: Reference, root: str) -> Iterable[date]:
        """The partitions to list: those the script names, else those that exist."""
        first, last = reference.first_date, reference.last_date
        if first is not None and last is not None and (last - first).days < MAX_PREFIXES:
            return [first + timedelta(days=day) for day in range((last - first).days + 1)]
        found = (_partition(root, name) for name in self.storage.folders(self.bucket, root))
        return [day for day in found if (first is None or day >= first) and (last is None or day <= last)]

    def _files(self, prefix: str, partition: date | None = None) -> tuple[File, ...]:
        objects = self.storage.objects(self.bucket, prefix)
        return tuple(self._file(each, partition) for each in objects if _is_data(each.key[len(prefix) :]))

    def _file(self, found: StoredObject, partition: date | None) -> File:
        return File(found, f"s3://{self.bucket}/{found.key}", partition)

    def _schema_file(self, script: str, reference: Reference) -> File:
        """The newest partition's last file, else a file of the final zone."""
        root = self._changes_root(reference)
        days = [_partition(root, name) for name in self.storage.folders(self.bucket, root)]
        for day in sorted(days, reverse=True):
            if files := self._files(f"{root}{PARTITION_COLUMN}={day}/", day):
                return files[-1]
        if files := self._files(self._final(reference)):
            return files[-1]
        raise DatamartError(
            f"{script}: source table {reference.name} has no Parquet file, neither under s3://{self.bucket}/{root}"
            f" nor under s3://{self.bucket}/{self._final(reference)}, so its columns are unknown;"
            " load the zones first or correct the name"
        )


def _partition(root: str, name: str) -> date:
    column, _, text = name.partition("=")
    try:
        if column != PARTITION_COLUMN:
            raise ValueError(f"must start with {PARTITION_COLUMN}=")
        return iso_date(text)
    except ValueError as error:
        raise DatamartError(f"partition {root}{name}/ {error}; remove or rename it") from error


def _is_data(name: str) -> bool:
    hidden = any(part.startswith(("_", ".")) for part in name.split("/"))
    return name.lower().endswith(".parquet") and not hidden
