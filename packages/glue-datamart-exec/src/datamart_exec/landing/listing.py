"""The landing zone of an application as it is listed: objects by table, what no table takes, and notes of earlier days."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

from datamart_exec import logs
from datamart_exec.errors import DatamartError
from datamart_exec.landing import earlier_state
from datamart_exec.landing.object_names import Landed, parse_key
from datamart_exec.landing.places import Places
from datamart_exec.landing.target_schema import TargetSchema, TargetTable
from datamart_exec.storage import Storage, StoredObject

Listed = list[tuple[Landed, StoredObject]]
SHOWN = 5  # folders or tables in a message


@dataclass(frozen=True, slots=True)
class Zone:
    """What lies in the landing zone."""

    tables: Mapping[str, Listed]  # by source table in lower case
    unlisted: dict[str, int]  # objects that no table takes, by key or folder
    earlier: Callable[[], frozenset[str]]  # reads which keys the pipeline before this one had landed

    def of(self, target: TargetTable) -> Listed:
        """The objects of one table."""
        return self.tables.get(target.source.lower(), [])


def list_zone(storage: Storage, places: Places, schema: TargetSchema) -> Zone:
    """List the landing zone. Raises `DatamartError` when no folder belongs to the target schema."""
    tables: dict[str, Listed] = {}
    unlisted: dict[str, int] = {}
    for stored in storage.objects(places.landing_bucket, places.landing_prefix):
        landed = parse_key(stored.key, places.landing_prefix)
        if landed and landed.table.lower() in schema.tables:
            tables.setdefault(landed.table.lower(), []).append((landed, stored))
        elif not stored.key.endswith("/"):
            place = _place(places, schema, stored.key)
            unlisted[place] = unlisted.get(place, 0) + 1
    _refuse_foreign(places, schema, tables, unlisted)
    return Zone(tables, unlisted, cache(partial(_earlier, storage, places, tables)))


def _place(places: Places, schema: TargetSchema, key: str) -> str:
    """The folder of an unknown table, or the key in a folder that is known."""
    table, slash, _ = key.removeprefix(places.landing_prefix).partition("/")
    known = not slash or table.lower() in schema.tables
    return key if known else f"{places.landing_prefix}{table}/"


def _refuse_foreign(
    places: Places, schema: TargetSchema, tables: Mapping[str, Listed], unlisted: Mapping[str, int]
) -> None:
    folders = sorted(place for place in unlisted if place.endswith("/"))
    if folders and not tables:
        declared = sorted(table.source for table in schema.tables.values())
        raise DatamartError(
            f"none of the {len(declared)} tables of the target schema ({', '.join(declared[:SHOWN])}) has a folder in"
            f" s3://{places.landing_bucket}/{places.landing_prefix}, which has {', '.join(folders[:SHOWN])};"
            " the schema is that of another application: put the right one in its place"
        )


def _earlier(storage: Storage, places: Places, tables: Mapping[str, Listed]) -> frozenset[str]:
    """The keys that the notes of the pipeline before this one name; nothing where there are none."""
    documents = []
    bucket = places.landing_bucket
    for key in places.earlier_state_files():
        if any(found.key == key for found in storage.objects(bucket, key)):
            try:
                documents.append(json.loads(storage.read(bucket, key)))
            except ValueError as error:
                logs.warning(
                    "notes of the pipeline before this one cannot be read", key=key, reason=str(error)
                )
    if not documents:
        return frozenset()
    keys = [stored.key for listed in tables.values() for _, stored in listed]
    named, unknown = earlier_state.named_keys(documents, keys)
    if unknown:
        logs.warning(
            "names in the notes of the pipeline before this one that fit no object, or several", names=unknown
        )
    return named
