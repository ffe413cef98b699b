"""The area of rows that did not fit: one object for each landing object, with row number, column, class and reason."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from datamart_exec import logs
from datamart_exec.landing.places import Places
from datamart_exec.landing.reading import ReadObject
from datamart_exec.staging.cast import literal
from datamart_exec.storage import Storage


def write_rejects(
    duck: duckdb.DuckDBPyConnection, storage: Storage, places: Places, table: str, read: Sequence[ReadObject]
) -> None:
    """Write the rejected rows of the objects that were read, and remove those of objects that are good now."""
    good = []
    for source, each in enumerate(read):
        key = f"{places.rejects_prefix(table)}{each.arrival.landed.stem}.parquet"
        if not each.rejected:
            good.append(key)
            continue
        duck.execute(
            f"COPY (SELECT {literal(each.arrival.landed.key)} AS landing_object, row + 1 AS row_number, column_name,"
            f" value_class, reason FROM rejected WHERE source = {source} ORDER BY row, column_name)"
            f" TO {literal(places.final_uri(key))} (FORMAT parquet)"
        )
        logs.warning("rows do not fit", object=each.arrival.landed.key, rows=each.rejected, rejects=key)
    storage.delete(places.final_bucket, good)
