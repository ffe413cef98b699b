"""The columns of a source: those of each Parquet file, and those of the view that reads all files as one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb
from sqlglot import exp

from datamart_exec.errors import DatamartError
from datamart_exec.staging import calendars, footers
from datamart_exec.staging.cast import identifier, literal
from datamart_exec.staging.column_types import ColumnType, as_decimal, column_type, holds_all
from datamart_exec.staging.field_ids import by_field_id
from datamart_exec.staging.footers import FileColumn
from datamart_exec.staging.script import PARTITION_COLUMN, Parsed
from datamart_exec.staging.sources import File, Source

OPERATION_COLUMN = "op"  # a full load may lack it, because all its rows are inserts
FULL_LOAD_OPERATION = "I"
DATE, TEXT = column_type("DATE"), column_type("VARCHAR")


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a source by lower-case name: of each file, and of all files together."""

    source: Source
    files: Mapping[str, Mapping[str, FileColumn]]  # uri -> columns
    columns: Mapping[str, ColumnType]
    conflicts: Mapping[str, str] = field(default_factory=dict)  # columns without a common type -> the reason

    def unreadable(self, name: str) -> str:
        """Why no script can use the column; empty when scripts can."""
        if name not in self.conflicts and self.columns[name].family != "other":
            return ""
        kind = self.columns[name]
        uri = next(
            (uri for uri, found in self.files.items() if name in found and found[name].type == kind), ""
        )
        where = f" in {uri}" if uri else ""
        of = f"column {name} of {self.source.reference.name}"
        return self.conflicts.get(name) or f"{of} has type {kind}{where}, which staging cannot read"

    def gaps(self, used: Iterable[str]) -> dict[str, int]:
        """Used columns -> number of files without them. Rows of these files have NULL there."""
        found = {name: sum(name not in columns for columns in self.files.values()) for name in used}
        return {name: count for name, count in found.items() if count and name != PARTITION_COLUMN}


def read(duck: duckdb.DuckDBPyConnection, parsed: Parsed, source: Source) -> Schema:
    """Read the footers of the source's files. A column whose types do not fit together is an error once it is used."""
    script = parsed.script
    files = {file.uri: _file_columns(duck, script, source, file) for file in source.schema_files}
    columns = {field.name: footers.as_read(field.type) for field in source.fields or () if field.type}
    first = dict.fromkeys(columns, "as its table declares it")  # column -> what gave it its type
    conflicts: dict[str, str] = {}
    for uri, found in files.items():
        for name, column in found.items():
            known = columns.get(name, column.type)
            common = _common(known, column.type)
            if common is None:
                conflicts.setdefault(
                    name,
                    f"column {name} of {source.reference.name} is {column.type} in {uri} but {known} {first[name]};"
                    " write the files again with one type",
                )
                continue
            if common != columns.get(name):
                first[name] = f"in its other files such as {uri}"
            columns[name] = common
    if source.reference.database.endswith("-cdc"):
        columns[PARTITION_COLUMN] = DATE
        conflicts.pop(PARTITION_COLUMN, None)  # the folder's date counts, not the files'
    if any(column.name.lower() == OPERATION_COLUMN for column in parsed.tree.find_all(exp.Column)):
        columns.setdefault(OPERATION_COLUMN, TEXT)
    return Schema(source, files, columns, conflicts)


def view(schema: Schema, used: Iterable[str]) -> str:
    """SQL that creates the source's view with the used columns: one SELECT per group of files with equal columns."""
    names = sorted(used) or sorted(schema.columns)[:1]
    # one call applies the first file's types to all its files: only files that are written alike share a call
    groups: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for file in schema.source.files:
        alike = tuple(_written(schema, file, name) for name in names)
        parts = tuple(select_item(schema, file, name) for name in names)
        groups.setdefault((alike, parts), []).append(file.uri)
    selects = [f"SELECT {', '.join(parts)} FROM {_files(uris)}" for (_, parts), uris in groups.items()]  # noqa: S608
    empty = ", ".join(f"CAST(NULL AS {schema.columns[name].sql}) AS {identifier(name)}" for name in names)
    body = " UNION ALL ".join(selects) or f"SELECT {empty} WHERE false"
    return f"CREATE TEMP VIEW {identifier(schema.source.reference.view)} AS {body}"


def _files(uris: Iterable[str]) -> str:
    return f"read_parquet([{', '.join(map(literal, uris))}], hive_partitioning = false)"


def _file_columns(
    duck: duckdb.DuckDBPyConnection, script: str, source: Source, file: File
) -> dict[str, FileColumn]:
    try:
        columns = footers.read(duck, file.uri)
        return columns if source.fields is None else by_field_id(file.uri, columns, source.fields)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise DatamartError(
            f"{script}: cannot read {file.uri} of {source.reference.name}: {reason}"
        ) from error
    except DatamartError as error:
        raise DatamartError(f"{script}: {error}") from None


def _common(one: ColumnType, other: ColumnType) -> ColumnType | None:
    """The type that holds the values of both."""
    if holds_all(one, other):
        return one
    if holds_all(other, one):
        return other
    numbers = {"decimal", "integer"}
    if {one.family, other.family} <= numbers:
        one, other = as_decimal(one), as_decimal(other)
        scale = max(one.scale, other.scale)
        whole = max(one.precision - one.scale, other.precision - other.scale)
        if whole + scale <= 38:
            return column_type(f"DECIMAL({whole + scale},{scale})")
    return None


def _written(schema: Schema, file: File, name: str) -> str:
    column = schema.files[file.uri].get(name)
    return f"{column.written} {column.physical}" if column else ""


def select_item(schema: Schema, file: File, name: str) -> str:
    """SQL for a column of a file as the view has it."""
    wanted, label = schema.columns[name], identifier(name)
    if name == PARTITION_COLUMN and file.partition is not None:
        return f"DATE '{file.partition}' AS {label}"
    column = schema.files[file.uri].get(name)
    if column is None or column.type.family == "null":
        missing = literal(FULL_LOAD_OPERATION) if name == OPERATION_COLUMN and column is None else "NULL"
        return f"CAST({missing} AS {wanted.sql}) AS {label}"
    value = identifier(column.name)
    what = f"{file.uri}: column {name}"
    if column.written == "TIMESTAMP_NS":
        value = _microseconds(value, what)
    if column.type.family == "float":
        value = _not_a_number(value, column.type)
    value = calendars.moved(value, column, what)
    unchanged = column.written == wanted.sql and value == identifier(column.name)
    return f"{value} AS {label}" if unchanged else f"CAST({value} AS {wanted.sql}) AS {label}"


def _not_a_number(value: str, kind: ColumnType) -> str:
    """The same value, behind an expression: a file's minimum and maximum know nothing of NaN and of -0.0."""
    return f"CASE WHEN isnan({value}) THEN CAST('NaN' AS {kind.sql}) ELSE {value} END"


def _microseconds(value: str, what: str) -> str:
    """SQL for nanoseconds that are whole microseconds; any other value ends the query."""
    refusal = (
        f"error({literal(what + ': value ')} || CAST({value} AS VARCHAR) || ' is finer than a microsecond')"
    )
    exact = f"CAST(CAST({value} AS TIMESTAMP) AS TIMESTAMP_NS) = {value}"
    return f"CASE WHEN {value} IS NULL OR {exact} THEN {value} ELSE CAST({refusal} AS TIMESTAMP_NS) END"
