"""A table of the final zone as it was at the end of a day: columns and data files, read from the table's metadata.

Only reads. pyiceberg is imported when a table's manifests are read, and no more of it than they need.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from datamart_exec.dates import iso_date
from datamart_exec.errors import DatamartError
from datamart_exec.iceberg.type_names import duckdb_name
from datamart_exec.storage import CONFIG, Storage

EDGE = "cars.edge-day"  # table property: changes up to this day have left the change zone
NAME_MAPPING = (
    "schema.name-mapping.default"  # table property: columns of files that were written without field ids
)
GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table: the id by which its files know it, and its name and DuckDB type of today."""

    id: int
    name: str  # lower case
    type: str | None  # None: a type that the final zone does not have
    written_as: tuple[str, ...] = ()  # its names, in lower case, in files without field ids


@dataclass(frozen=True, slots=True)
class StateFile:
    """A data file of a state. It is never written again under its name."""

    path: str  # s3://bucket/key
    size: int


@dataclass(frozen=True, slots=True)
class State:
    """The tag of a state, its snapshot, and its data files by path."""

    tag: str
    snapshot_id: int
    files: tuple[StateFile, ...]


@dataclass(frozen=True)
class StatesOfTable:
    """An Iceberg table: its columns of today and its states, one for each day that has a tag."""

    storage: Storage
    name: str
    metadata: Mapping[str, Any]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The table's columns of today, under which every state is read."""
        wanted = self.metadata["current-schema-id"]
        (schema,) = (each for each in self.metadata["schemas"] if each["schema-id"] == wanted)
        names = self._written_as()
        fields = tuple(
            Field(each["id"], each["name"].lower(), duckdb_name(each["type"]), names.get(each["id"], ()))
            for each in schema["fields"]
        )
        for number, field in enumerate(fields):
            if field.name in {each.name for each in fields[:number]}:
                raise DatamartError(f"{self.name} has two columns named {field.name}; rename one of them")
        return fields

    @property
    def edge(self) -> date | None:
        """The last day whose changes have left the change zone."""
        return _day(self.metadata.get("properties", {}).get(EDGE, ""))

    def state(self, day: date) -> State:
        """The state at the end of a day: that of the newest tag which is not later. Raises `DatamartError` without one."""
        self._refuse_foreign()
        tags = {found: name for name, ref in self._tags().items() if (found := _day(name))}
        chosen = max((each for each in tags if each <= day), default=None)
        if chosen is None:
            raise DatamartError(
                f"{self.name} has no state of {day} or before, {_described(sorted(tags))};"
                " run a day from the first of them on, or land a full load of an earlier day"
            )
        snapshot_id = self._tags()[tags[chosen]]["snapshot-id"]
        return State(tags[chosen], snapshot_id, self._files(snapshot_id))

    def _tags(self) -> dict[str, Mapping[str, Any]]:
        refs: Mapping[str, Mapping[str, Any]] = self.metadata.get("refs", {})
        return {name: ref for name, ref in refs.items() if ref["type"] == "tag"}

    def _refuse_foreign(self) -> None:
        """Refuse what the landing does not write and what a plain read of data files would get wrong."""
        version = self.metadata.get("format-version")
        if version != 2:
            raise DatamartError(f"{self.name} has Iceberg format version {version}; staging reads version 2")
        if any(spec["fields"] for spec in self.metadata["partition-specs"]):
            raise DatamartError(
                f"{self.name} is partitioned, so it was not written by the landing; staging reads only tables without"
                " partitions: land it, or write it again without them"
            )

    def _files(self, snapshot_id: int) -> tuple[StateFile, ...]:
        from datamart_exec.iceberg.manifests import data_files  # here, because it imports pyiceberg

        (snapshot,) = (each for each in self.metadata["snapshots"] if each["snapshot-id"] == snapshot_id)
        found = data_files(self.storage, self.name, snapshot["manifest-list"])
        return tuple(StateFile(path, size) for path, size in found)

    def _written_as(self) -> dict[int, tuple[str, ...]]:
        mapping = json.loads(self.metadata.get("properties", {}).get(NAME_MAPPING, "[]"))
        return {
            each["field-id"]: tuple(name.lower() for name in each["names"])
            for each in mapping
            if "field-id" in each
        }


class FinalTables:
    """The tables of the final zone that the Glue Data Catalog knows as Iceberg. Each is read once, so a run is pinned."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self._found: dict[tuple[str, str], StatesOfTable | None] = {}

    def find(self, database: str, table: str) -> StatesOfTable | None:
        """The table; None when the catalog does not have it, or not as an Iceberg table."""
        key = (database, table)
        if key not in self._found:
            self._found[key] = self._read(database, table)
        return self._found[key]

    @cached_property
    def client(self) -> Any:
        return boto3.client("glue", config=CONFIG)

    def _read(self, database: str, table: str) -> StatesOfTable | None:
        parameters = self._parameters(database, table)
        if parameters.get("table_type", "").upper() != "ICEBERG":
            return None
        location = parameters.get("metadata_location", "")
        bucket, _, key = location.removeprefix("s3://").partition("/")
        if not location.startswith("s3://") or not key:
            raise DatamartError(
                f"the catalog's table {database}.{table} has the metadata_location {location!r}; it must be s3://bucket/key"
            )
        body = self.storage.read(bucket, key)
        text = gzip.decompress(body) if body.startswith(GZIP) else body
        return StatesOfTable(self.storage, f"`{database}`.`{table}`", json.loads(text))

    def _parameters(self, database: str, table: str) -> Mapping[str, str]:
        try:
            found: Mapping[str, Any] = self.client.get_table(DatabaseName=database, Name=table)
            return dict(found["Table"].get("Parameters", {}))
        except ClientError as error:
            code, message = (error.response["Error"].get(name, "") for name in ("Code", "Message"))
            if code == "EntityNotFoundException":
                return {}
            reason = f"{code}: {message}"
        except BotoCoreError as error:
            reason = str(error)
        raise DatamartError(
            f"cannot ask the Glue Data Catalog for {database}.{table}: {reason}; the job needs glue:GetTable for it"
        )


def _day(text: str) -> date | None:
    try:
        return iso_date(text)
    except ValueError:
        return None


def _described(days: list[date]) -> str:
    if not days:
        return "it has no tag of a day"
    return f"its tags begin with {days[0]}" if len(days) == 1 else f"its tags go from {days[0]} to {days[-1]}"
