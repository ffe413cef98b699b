"""Writes the contents of a folder with pyarrow and DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from random_files.folders import Content


@dataclass(frozen=True)
class Written:
    """One file, and what is in it by lower-case column name."""

    path: Path
    columns: Mapping[str, Any]
    moved: bool = False  # a reader that knows no calendars reads other dates


def write(folder: Path, content: Content) -> Written:
    path = folder / content.name
    table = pa.table(dict(content.columns))
    return Written(path, lower(WRITERS[content.writer](path, table, content.options)))


def _by_pyarrow(path: Path, table: pa.Table, options: Mapping[str, Any]) -> pa.Table:
    given = dict(options)
    encode = ENCODINGS[given.pop("encoding")]
    if not given["use_dictionary"]:
        given["column_encoding"] = {
            field.name: found for field in table.schema if (found := encode(field.type))
        }
    if any("ns" in str(kind) for kind in table.schema.types):
        given["version"] = "2.6"  # older ones have no nanoseconds
    pq.write_table(table, path, **given)
    return table


def _delta(kind: Any) -> str | None:
    if pa.types.is_integer(kind) and kind.bit_width >= 32:
        return "DELTA_BINARY_PACKED"
    return "DELTA_BYTE_ARRAY" if pa.types.is_string(kind) else None


def _split(kind: Any) -> str | None:
    return "BYTE_STREAM_SPLIT" if pa.types.is_floating(kind) else None


ENCODINGS = {"plain": lambda kind: None, "delta": _delta, "split": _split}


def _by_duckdb(path: Path, table: pa.Table, options: Mapping[str, Any]) -> pa.Table:
    typed = table.select([field.name for field in table.schema if not pa.types.is_null(field.type)])
    words = ", ".join(f"{key} {value!r}" for key, value in options.items())
    target = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("written", typed)
        connection.execute(f"COPY (SELECT * FROM written) TO '{target}' (FORMAT parquet, {words})")
        return connection.execute("SELECT * FROM written").to_arrow_table()  # with the types of DuckDB


WRITERS = {"pyarrow": _by_pyarrow, "duckdb": _by_duckdb}


def lower(table: pa.Table) -> dict[str, Any]:
    return {name.lower(): table.column(name).combine_chunks() for name in table.column_names}
