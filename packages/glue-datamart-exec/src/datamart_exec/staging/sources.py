"""Source tables as Parquet files on S3: from a table reference to prefixes, and to the files under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from datamart_exec.dates import iso_date
from datamart_exec.errors import DatamartError
from datamart_exec.staging.script import PARTITION_COLUMN, Reference
from datamart_exec.storage import Folder, Storage, StoredObject

PARQUET = b"PAR1"  # the first bytes of every Parquet file
MAX_PREFIXES = 31  # a longer range of dates is listed as a whole instead of date by date


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file and, in the change zone, the date of its partition."""

    object: StoredObject
    uri: str
    partition: date | None

    @property
    def bucket(self) -> str:
        return self.uri.split("/")[2]


@dataclass(frozen=True, slots=True)
class Listing:
    """The Parquet files under a prefix, and the keys of other objects and folders, which nobody reads."""

    files: tuple[File, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A reference and its files to read. Without any, the columns come from `schema_file`."""

    reference: Reference
    files: tuple[File, ...]
    schema_file: File | None
    unread: tuple[
        str, ...
    ] = ()  # keys of objects that are no Parquet or in no partition, and of such folders

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
            listing = self._changes(script, reference)
            schema_file = None if listing.files else self._schema_file(script, reference)
            return Source(reference, listing.files, schema_file, listing.unread)
        listing = self._readable(script, self._final(reference))
        if not listing.files:
            raise DatamartError(
                f"{script}: source table {reference.name} has no Parquet file under"
                f" s3://{self.bucket}/{self._final(reference)}; load the final zone first or correct the name"
            )
        return Source(reference, listing.files, None, listing.unread)

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

    def _changes(self, script: str, reference: Reference) -> Listing:
        root = self._changes_root(reference)
        top = self.storage.folder(self.bucket, root)
        days = sorted(self._dates(reference, root, top))
        found = [self._readable(script, f"{root}{PARTITION_COLUMN}={day}/", day) for day in days]
        return Listing(
            tuple(file for each in found for file in each.files),
            (*_outside(root, top), *(key for each in found for key in each.unread)),
        )

    def _readable(self, script: str, prefix: str, partition: date | None = None) -> Listing:
        """The listing of a prefix; objects without any Parquet file among them are an error, not an empty day."""
        listing = self._list(prefix, partition)
        if listing.unread and not listing.files:
            raise DatamartError(
                f"{script}: no object under s3://{self.bucket}/{prefix} is a Parquet file"
                f" ({len(listing.unread)} objects, such as {listing.unread[0]}); write them as Parquet or remove them"
            )
        return listing

    def _dates(self, reference: Reference, root: str, top: Folder) -> Iterable[date]:
        """The partitions to list: those the script names, else those that exist."""
        first, last = reference.first_date, reference.last_date
        if first is not None and last is not None and (last - first).days < MAX_PREFIXES:
            return [first + timedelta(days=day) for day in range((last - first).days + 1)]
        return [
            day
            for day in _partitions(root, top)
            if (first is None or day >= first) and (last is None or day <= last)
        ]

    def _list(self, prefix: str, partition: date | None = None) -> Listing:
        files, unread = [], []
        for each in self.storage.objects(self.bucket, prefix):
            name = each.key[len(prefix) :]
            if _is_hidden(name) or (not each.size and not _is_parquet_name(name)):
                continue
            if _is_parquet_name(name) or self._is_parquet(each):
                files.append(self._file(each, partition))
            else:
                unread.append(each.key)
        return Listing(tuple(files), tuple(unread))

    def _is_parquet(self, found: StoredObject) -> bool:
        """Whether an object whose name does not say so is a Parquet file."""
        return self.storage.first_bytes(self.bucket, found.key, len(PARQUET)) == PARQUET

    def _file(self, found: StoredObject, partition: date | None) -> File:
        return File(found, f"s3://{self.bucket}/{found.key}", partition)

    def _schema_file(self, script: str, reference: Reference) -> File:
        """The newest partition's last file, else a file of the final zone."""
        root = self._changes_root(reference)
        for day in sorted(_partitions(root, self.storage.folder(self.bucket, root)), reverse=True):
            if files := self._list(f"{root}{PARTITION_COLUMN}={day}/", day).files:
                return files[-1]
        if files := self._list(self._final(reference)).files:
            return files[-1]
        raise DatamartError(
            f"{script}: source table {reference.name} has no Parquet file, neither under s3://{self.bucket}/{root}"
            f" nor under s3://{self.bucket}/{self._final(reference)}, so its columns are unknown;"
            " load the zones first or correct the name"
        )


def _partitions(root: str, top: Folder) -> list[date]:
    return [_partition(root, name) for name in top.folders if not _is_hidden(name)]


def _outside(root: str, top: Folder) -> Iterator[str]:
    """Objects and folders of a change zone that are in no partition."""
    for each in top.objects:
        if each.size and not _is_hidden(each.key[len(root) :]):
            yield each.key
    for name in top.folders:
        if not _is_hidden(name) and not name.startswith(f"{PARTITION_COLUMN}="):
            yield f"{root}{name}/"


def _partition(root: str, name: str) -> date:
    column, _, text = name.partition("=")
    try:
        if column != PARTITION_COLUMN:
            raise ValueError(f"must start with {PARTITION_COLUMN}=")
        return iso_date(text)
    except ValueError as error:
        raise DatamartError(f"partition {root}{name}/ {error}; remove or rename it") from error


def _is_hidden(name: str) -> bool:
    """Names that writers use while they work: `_temporary/`, `.hive-staging_.../`, `_SUCCESS`, `.part.crc`."""
    return any(part.startswith(("_", ".")) for part in name.split("/"))


def _is_parquet_name(name: str) -> bool:
    return name.lower().endswith(".parquet")
