"""The columns of a source: those of each Parquet file, and those of the view that reads all files as one table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from datamart_exec.errors import DatamartError
from datamart_exec.staging.cast import identifier, literal
from datamart_exec.staging.column_types import ColumnType, column_type, holds_all
from datamart_exec.staging.script import PARTITION_COLUMN, Parsed
from datamart_exec.staging.sources import File, Source

OPERATION_COLUMN = "op"  # a full load may lack it, because all its rows are inserts
FULL_LOAD_OPERATION = "I"
TIMESTAMP, DATE, TEXT = column_type("TIMESTAMP"), column_type("DATE"), column_type("VARCHAR")
RENAMED = re.compile(r"_[0-9]+$")
UNSIGNED = {9: "SMALLINT", 17: "INTEGER", 33: "BIGINT", 65: "DECIMAL(20,0)"}  # Spark has no unsigned numbers


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of one file: its name and type as written, and the type it is read as."""

    name: str
    written: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a source by lower-case name: of each file, and of all files together."""

    source: Source
    files: Mapping[str, Mapping[str, FileColumn]]  # uri -> columns
    columns: Mapping[str, ColumnType]

    def gaps(self, used: Iterable[str]) -> dict[str, int]:
        """Used columns -> number of files without them. Rows of these files have NULL there."""
        found = {name: sum(name not in columns for columns in self.files.values()) for name in used}
        return {name: count for name, count in found.items() if count and name != PARTITION_COLUMN}


def read(duck: duckdb.DuckDBPyConnection, parsed: Parsed, source: Source) -> Schema:
    """Read the footers of the source's files. Types of a column that do not fit together are an error naming both."""
    script = parsed.script
    files = {file.uri: _file_columns(duck, script, source, file) for file in source.schema_files}
    columns: dict[str, ColumnType] = {}
    for uri, found in files.items():
        for name, column in found.items():
            columns[name] = _common(script, source, name, columns.get(name, column.type), column.type, uri)
    if source.reference.database.endswith("-cdc"):
        columns[PARTITION_COLUMN] = DATE
    if any(column.name.lower() == OPERATION_COLUMN for column in parsed.tree.find_all(exp.Column)):
        columns.setdefault(OPERATION_COLUMN, TEXT)
    return Schema(source, files, columns)


def view(schema: Schema, used: Iterable[str]) -> str:
    """SQL that creates the source's view with the used columns: one SELECT per group of files with equal columns."""
    names = sorted(used) or sorted(schema.columns)[:1]
    groups: dict[tuple[str, ...], list[str]] = {}
    for file in schema.source.files:
        parts = tuple(_select_item(schema, file, name) for name in names)
        groups.setdefault(parts, []).append(file.uri)
    selects = [f"SELECT {', '.join(parts)} FROM {_files(uris)}" for parts, uris in groups.items()]  # noqa: S608
    empty = ", ".join(f"CAST(NULL AS {schema.columns[name].sql}) AS {identifier(name)}" for name in names)
    body = " UNION ALL ".join(selects) or f"SELECT {empty} WHERE false"
    return f"CREATE TEMP VIEW {identifier(schema.source.reference.view)} AS {body}"


def _files(uris: Iterable[str]) -> str:
    return f"read_parquet([{', '.join(map(literal, uris))}], hive_partitioning = false)"


def _file_columns(
    duck: duckdb.DuckDBPyConnection, script: str, source: Source, file: File
) -> dict[str, FileColumn]:
    try:
        rows = duck.execute(
            f"DESCRIBE SELECT * FROM {_files([file.uri])}"  # noqa: S608 - a quoted literal
        ).fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise DatamartError(
            f"{script}: cannot read {file.uri} of {source.reference.name}: {reason}"
        ) from error
    wide: dict[str, ColumnType] = {}
    if any(written == "DOUBLE" or RENAMED.search(name) for name, written, *_ in rows):
        names, wide = _footer(duck, file)
        if renamed := [name for name, *_ in rows if name not in names]:
            raise DatamartError(
                f"{script}: {file.uri} has two columns named {RENAMED.sub('', renamed[0]).lower()}"
            )
    return {
        name.lower(): FileColumn(name, written, wide.get(name) or _as_read(written))
        for name, written, *_ in rows
    }


def _footer(duck: duckdb.DuckDBPyConnection, file: File) -> tuple[set[str], dict[str, ColumnType]]:
    """All column names of the file, and its decimals of more than 38 digits.

    DuckDB 1.5.5 reads such decimals as wrong doubles (1.0 as 16777216.0) and appends a number to a repeated name.
    """
    query = "SELECT name, coalesce(precision, 0), coalesce(scale, 0) FROM parquet_schema(?)"
    rows = duck.execute(query, [file.uri]).fetchall()
    wide = {
        name: ColumnType(f"DECIMAL({digits},{scale})", "other") for name, digits, scale in rows if digits > 38
    }
    return {name for name, *_ in rows}, wide


def _as_read(written: str) -> ColumnType:
    found = column_type(written)
    if found.family == "timestamp":
        return TIMESTAMP
    if found.precision in UNSIGNED and found.family == "integer":
        return column_type(UNSIGNED[found.precision])
    return found


def _common(
    script: str, source: Source, name: str, one: ColumnType, other: ColumnType, uri: str
) -> ColumnType:
    """The type that holds the values of both."""
    if holds_all(one, other):
        return one
    if holds_all(other, one):
        return other
    if one.family == other.family == "decimal":
        scale = max(one.scale, other.scale)
        whole = max(one.precision - one.scale, other.precision - other.scale)
        if whole + scale <= 38:
            return column_type(f"DECIMAL({whole + scale},{scale})")
    raise DatamartError(
        f"{script}: column {name} of {source.reference.name} is {other} in {uri} but {one} in its other files;"
        " write the files again with one type"
    )


def _select_item(schema: Schema, file: File, name: str) -> str:
    wanted, label = schema.columns[name], identifier(name)
    if name == PARTITION_COLUMN and file.partition is not None:
        return f"DATE '{file.partition}' AS {label}"
    column = schema.files[file.uri].get(name)
    if column is None:
        missing = literal(FULL_LOAD_OPERATION) if name == OPERATION_COLUMN else "NULL"
        return f"CAST({missing} AS {wanted.sql}) AS {label}"
    value = identifier(column.name)
    if column.written == "TIMESTAMP_NS":
        value = _microseconds(value, f"column {name} of {schema.source.reference.name}")
    return (
        f"{value} AS {label}" if column.written == wanted.sql else f"CAST({value} AS {wanted.sql}) AS {label}"
    )


def _microseconds(value: str, what: str) -> str:
    """SQL for nanoseconds that are whole microseconds; any other value ends the query."""
    refusal = (
        f"error({literal(what + ': value ')} || CAST({value} AS VARCHAR) || ' is finer than a microsecond')"
    )
    exact = f"CAST(CAST({value} AS TIMESTAMP) AS TIMESTAMP_NS) = {value}"
    return f"CASE WHEN {value} IS NULL OR {exact} THEN {value} ELSE CAST({refusal} AS TIMESTAMP_NS) END"
