"""The current state as plain Parquet, for readers that know no Iceberg: one object, so that it is replaced at once."""

from __future__ import annotations

import duckdb
from pyiceberg.table import Table

from datamart_exec.final_zone.commit import current_files
from datamart_exec.final_zone.shape import Shape
from datamart_exec.staging.cast import literal

SNAPSHOT = "cars.snapshot"  # key in the footer


def export(duck: duckdb.DuckDBPyConnection, shape: Shape, table: Table, uri: str, *, exists: bool) -> None:
    """Write the rows of the current snapshot to `uri`, unless the object there holds them."""
    snapshot = table.current_snapshot()
    if snapshot is None or (exists and _holds(duck, uri) == str(snapshot.snapshot_id)):
        return
    rows = f"SELECT {shape.list()} FROM {shape.rows_of([file.file_path for file in current_files(table)])}"
    duck.execute(
        shape.copy(rows, uri, f"KV_METADATA {{{literal(SNAPSHOT)}: {literal(str(snapshot.snapshot_id))}}}")
    )


def _holds(duck: duckdb.DuckDBPyConnection, uri: str) -> str | None:
    query = (
        f"SELECT decode(value) FROM parquet_kv_metadata([{literal(uri)}]) WHERE decode(key) = '{SNAPSHOT}'"
    )
    found = duck.execute(query).fetchone()
    return found[0] if found else None
