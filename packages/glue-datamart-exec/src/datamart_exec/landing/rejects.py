"""The area of rows that did not fit: one object for each landing object, with row number, column, class and reason."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from datamart_exec.landing.manifest import Entry
from datamart_exec.landing.places import Places
from datamart_exec.landing.reading import ReadObject
from datamart_exec.staging.cast import literal
from datamart_exec.storage import Storage


def write_rejects(
    duck: duckdb.DuckDBPyConnection,
    storage: Storage,
    places: Places,
    table: str,
    read: Sequence[ReadObject],
    withdrawn: Sequence[Entry],
) -> None:
    """Write the rejected rows of the objects that were read, and remove those of objects that are good or gone now."""
    prefix = places.rejects_prefix(table)
    there = {stored.key for stored in storage.objects(places.final_bucket, prefix)}
    stale = {_key(prefix, entry.key) for entry in withdrawn}
    for source, each in enumerate(read):
        key = _key(prefix, each.arrival.landed.key)
        if not each.rejected:
            stale.add(key)
            continue
        duck.execute(
            f"COPY (SELECT {literal(each.arrival.landed.key)} AS landing_object, row + 1 AS row_number, column_name,"
            f" value_class, reason FROM rejected WHERE source = {source} ORDER BY row, column_name)"
            f" TO {literal(places.final_uri(key))} (FORMAT parquet)"
        )
    storage.delete(places.final_bucket, sorted(stale & there))


def _key(prefix: str, landing_key: str) -> str:
    return prefix + landing_key.rpartition("/")[2]
