"""Source tables as Parquet files on S3: from a table reference to prefixes, and to the files under them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from datamart_exec import logs
from datamart_exec.dates import iso_date
from datamart_exec.errors import DatamartError
from datamart_exec.iceberg.as_of import Field, FinalTables, StateFile, StatesOfTable
from datamart_exec.staging.script import PARTITION_COLUMN, Reference
from datamart_exec.storage import Folder, Storage, StoredObject

PARQUET = b"PAR1"  # the first bytes of every Parquet file
METADATA_NAME = ".metadata.json"  # ends the names of an Iceberg table's metadata
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
    """A reference and its files to read. Without any, the columns come from `schema_file` or `fields`."""

    reference: Reference
    files: tuple[File, ...]
    schema_file: File | None
    unread: tuple[
        str, ...
    ] = ()  # keys of objects that are no Parquet or in no partition, and of such folders
    fields: tuple[Field, ...] | None = None  # of an Iceberg table, which finds columns in its files by id
    warning: str = ""  # what the ledger says of it

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
    day: date  # of the run
    tables: FinalTables

    def resolve(self, script: str, reference: Reference) -> Source:
        """The files of a reference; an error when neither zone has the table, because its columns are unknown then."""
        if self._is_changes(script, reference):
            return self._change_source(script, reference)
        if table := self._table(reference):
            return _state_source(reference, table, self.day)
        return self._plain_source(script, reference)

    def _change_source(self, script: str, reference: Reference) -> Source:
        listing = self._changes(script, reference)
        self._refuse_dropped_days(script, reference, listing)
        if listing.files:
            return Source(reference, listing.files, None, listing.unread)
        if table := self._table(reference):
            return Source(reference, (), None, listing.unread, table.fields)
        return Source(reference, (), self._schema_file(script, reference), listing.unread)

    def _plain_source(self, script: str, reference: Reference) -> Source:
        """The files of a final zone without Iceberg, which has only the state of today."""
        prefix = self._final(reference)
        listing = self._readable(script, prefix)
        if not listing.files:
            raise DatamartError(
                f"{script}: source table {reference.name} has no Parquet file under"
                f" s3://{self.bucket}/{prefix}; load the final zone first or correct the name"
            )
        if strays := [key for key in listing.unread if key.endswith(METADATA_NAME)]:
            raise DatamartError(
                f"{script}: s3://{self.bucket}/{prefix} holds an Iceberg table ({strays[0]}), but the catalog has no"
                f" such table {reference.name}; register it there"
            )
        return Source(reference, listing.files, None, listing.unread, warning=self._only_today(reference))

    def _only_today(self, reference: Reference) -> str:
        """Log that a plain zone has one state; the warning for a run whose date is not the newest."""
        root = self._changes_root(reference)
        newest = max(_dates_of(self.storage.folder(self.bucket, root).folders), default=None)
        logs.info(
            "a final zone of plain Parquet has only the state of today",
            source=f"{reference.database}.{reference.table}",
            newest_changes=newest,
        )
        if newest is None or self.day >= newest:
            return ""
        return (
            f"{reference.name} is plain Parquet and was read as it is today, with changes up to {newest}, not as of"
            f" {self.day}; land the table to read the state of each day"
        )

    def _table(self, reference: Reference) -> StatesOfTable | None:
        """The table in the final zone, where the catalog knows it as Iceberg."""
        return self.tables.find(reference.database.removesuffix("-cdc"), reference.table)

    def _refuse_dropped_days(self, script: str, reference: Reference, listing: Listing) -> None:
        """Refuse a first date whose changes have left the change zone. A date that has files is there: no question."""
        first = reference.first_date
        if first is None or any(file.partition == first for file in listing.files):
            return
        table = self._table(reference)
        if table and table.edge and first <= table.edge:
            raise DatamartError(
                f"{script}: the changes of {reference.name} up to {table.edge} have left the change zone, the script"
                f" reads from {first} on; run a later day, or an initial run, which reads the final zone"
            )

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


def _state_source(reference: Reference, table: StatesOfTable, day: date) -> Source:
    """The data files of the state at the end of a day."""
    state = table.state(day)
    logs.info(
        "state of the final zone",
        source=f"{reference.database}.{reference.table}",
        tag=state.tag,
        snapshot=state.snapshot_id,
    )
    return Source(reference, tuple(map(_state_file, state.files)), None, fields=table.fields)


def _state_file(file: StateFile) -> File:
    # the name stands for the content: a data file is never written again
    key = file.path.removeprefix("s3://").partition("/")[2]
    return File(StoredObject(key, "", file.size), file.path, None)


def _dates_of(folders: Iterable[str]) -> Iterator[date]:
    """The dates of those folders that are partitions."""
    for name in folders:
        try:
            yield iso_date(name.removeprefix(f"{PARTITION_COLUMN}="))
        except ValueError:
            continue


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
