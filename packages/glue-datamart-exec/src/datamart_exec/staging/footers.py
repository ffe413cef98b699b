"""The columns of one Parquet file as its footer declares them: type as written, type as read, and calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import duckdb

from datamart_exec.errors import DatamartError
from datamart_exec.staging.column_types import NULL, ColumnType, column_type

Calendar = Literal["proleptic", "julian", "unknown"]

UTC_NAMES = frozenset({"UTC", "Etc/UTC", "GMT", "Z", "Etc/GMT", "Zulu", "Etc/Zulu", "+00:00"})
UNSIGNED = {9: "SMALLINT", 17: "INTEGER", 33: "BIGINT", 65: "DECIMAL(20,0)"}  # Spark has no unsigned numbers
TIMESTAMP = column_type("TIMESTAMP")
CUT_OFF = ("TIMESTAMP WITH TIME ZONE", "TIME", "TIME WITH TIME ZONE")  # read without a file's nanoseconds
WIDEST = (
    38  # digits of a decimal that DuckDB reads; 1.5.5 reads wider ones as wrong doubles (1.0 as 16777216.0)
)

COLUMNS = """
    SELECT name, coalesce(type, ''), coalesce(num_children, 0), coalesce(precision, 0), coalesce(scale, 0),
           coalesce(logical_type, ''), coalesce(converted_type, ''),
           field_id
    FROM parquet_schema([?]) ORDER BY column_id
"""
SPARK_KEYS = """
    SELECT decode(key), decode(value) FROM parquet_kv_metadata([?])
    WHERE key IN ('org.apache.spark.version'::BLOB, 'org.apache.spark.legacyDateTime'::BLOB,
                  'org.apache.spark.legacyINT96'::BLOB, 'org.apache.spark.timeZone'::BLOB)
"""


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of one file: its name and type as written, and the type it is read as."""

    name: str
    written: str  # DuckDB's name of the type
    type: ColumnType
    physical: str = ""  # Parquet's own words: files that differ in them are not read by one call
    calendar: Calendar = "proleptic"
    utc: bool = True  # a Julian timestamp was written in UTC, so that it can be moved by whole days
    finer: bool = False  # may hold nanoseconds that DuckDB cuts off
    field_id: int | None = None  # by which Iceberg knows the column


def read(duck: duckdb.DuckDBPyConnection, uri: str) -> dict[str, FileColumn]:
    """The columns by lower-case name; two columns that differ only in case are an error."""
    described = duck.execute("DESCRIBE SELECT * FROM read_parquet([?], hive_partitioning = false)", [uri])
    types = [str(written) for _, written, *_ in described.fetchall()]
    leaves = _top_level(duck.execute(COLUMNS, [uri]).fetchall())
    spark = dict(duck.execute(SPARK_KEYS, [uri]).fetchall())
    columns: dict[str, FileColumn] = {}
    for leaf, written in zip(leaves, types, strict=True):
        if leaf.name.lower() in columns:
            raise DatamartError(f"{uri} has two columns named {leaf.name.lower()}")
        columns[leaf.name.lower()] = _column(leaf, written, spark)
    return columns


class _Leaf(NamedTuple):
    """A row of `COLUMNS`."""

    name: str
    kind: str
    children: int
    precision: int
    scale: int
    logical: str
    converted: str
    field_id: int | None


def _top_level(rows: list[tuple[Any, ...]]) -> list[_Leaf]:
    """The root's children; the rows are the tree in depth-first order, the root first."""
    found: list[_Leaf] = []
    to_come = [1]  # nodes still to come, per open level
    for leaf in map(_Leaf._make, rows):
        if len(to_come) == 2:
            found.append(leaf)
        to_come[-1] -= 1
        to_come.append(leaf.children)
        while len(to_come) > 1 and not to_come[-1]:
            to_come.pop()
    return found


def _column(leaf: _Leaf, written: str, spark: Mapping[str, str]) -> FileColumn:
    physical = f"{leaf.kind} {leaf.logical} {leaf.converted} {leaf.precision} {leaf.scale}"
    if leaf.logical == "NullType()":
        return FileColumn(leaf.name, written, NULL, physical, field_id=leaf.field_id)
    if leaf.precision > WIDEST:
        wide = ColumnType(f"DECIMAL({leaf.precision},{leaf.scale})", "other")
        return FileColumn(leaf.name, written, wide, physical, field_id=leaf.field_id)
    utc = spark.get("org.apache.spark.timeZone") in UTC_NAMES
    int96 = leaf.kind == "INT96" and "org.apache.spark.version" not in spark  # Spark has whole microseconds
    finer = int96 or (written in CUT_OFF and "NANOS=NanoSeconds" in leaf.logical)
    calendar = _calendar(leaf.kind, written, spark)
    return FileColumn(leaf.name, written, as_read(written), physical, calendar, utc, finer, leaf.field_id)


def _calendar(kind: str, written: str, spark: Mapping[str, str]) -> Calendar:
    """The calendar of a date or timestamp, by the rules of Spark 3.5."""
    if written != "DATE" and not written.startswith("TIMESTAMP"):
        return "proleptic"
    version = spark.get("org.apache.spark.version")
    if kind == "INT96":
        if version is None:
            return "unknown"
        return "julian" if "org.apache.spark.legacyINT96" in spark or _before(version, 3, 1) else "proleptic"
    if version is None and "org.apache.spark.legacyDateTime" not in spark:
        return "proleptic"
    old = "org.apache.spark.legacyDateTime" in spark or _before(version or "", 3, 0)
    return "julian" if old else "proleptic"


def _before(version: str, major: int, minor: int) -> bool:
    parts = [int(part) if part.isdigit() else 0 for part in version.split(".")[:2]]
    return tuple(parts) < (major, minor)


def as_read(written: str) -> ColumnType:
    """The type that a script sees of a column that was written with this one."""
    found = column_type(written)
    if found.family == "timestamp":
        return TIMESTAMP
    if found.precision in UNSIGNED and found.family == "integer":
        return column_type(UNSIGNED[found.precision])
    return found
