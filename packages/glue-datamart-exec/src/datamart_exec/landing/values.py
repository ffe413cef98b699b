"""SQL for one value of a landing object: as the declared type, and the condition under which it fits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from datamart_exec.errors import DatamartError
from datamart_exec.landing.object_names import Landed
from datamart_exec.landing.target_schema import TargetColumn
from datamart_exec.staging import calendars
from datamart_exec.staging.cast import conditions, identifier, literal
from datamart_exec.staging.column_types import ColumnType, column_type, holds_all
from datamart_exec.staging.footers import FileColumn


@dataclass(frozen=True, slots=True)
class Value:
    """A column's value in SQL. `fits` is empty where every value does; it is never NULL. `wanted` says what fits, and
    `kind` is SQL for the class of a value that does not: never the value itself."""

    name: str
    sql: str
    fits: str = ""
    wanted: str = ""
    kind: str = "NULL"


def column_value(column: TargetColumn, found: FileColumn | None, uri: str) -> Value:
    """A declared column's value; NULL where the file lacks the column. Raises `DatamartError` for types without a cast."""
    target = column_type(column.type.duckdb)
    if found is None or found.type.family == "null":
        return Value(column.name, f"CAST(NULL AS {target.sql})")
    what = f"{uri}: column {found.name}"
    value, checks = _read(found, what)
    sql, more = _cast(value, found.type, target, what)
    checks += more
    if column.type.length is not None:
        count = "octet_length" if target.sql == "BLOB" else "length"
        checks.append(f"{count}({value}) <= {column.type.length}")
    if column.type.low is not None:
        checks.append(f"{value} BETWEEN {column.type.low} AND {column.type.high}")
    if not checks:
        return Value(column.name, sql)
    fits = f"({value} IS NULL OR coalesce({' AND '.join(checks)}, false))"
    return Value(column.name, sql, fits, f"{found.type} that is no {spelled(column)}", _class(value, found.type))


def operation_value(found: FileColumn | None, landed: Landed, *, has_key: bool) -> Value:
    """The operation of a change. A full load may lack it; a change without one is not understood.

    Without a key nobody can tell which row an update or delete is about: only inserts fit.
    """
    if found is None:
        if landed.is_load:
            return Value("op", "'I'")
        raise DatamartError("there is no column op, so that nobody can tell inserts, updates and deletes apart")
    if found.type.family not in ("text", "null"):
        raise DatamartError(f"column op is {found.type}, it must be a text: I, U or D")
    value = f"upper(trim({identifier(found.name)}))"
    if landed.is_load:
        value = f"coalesce({value}, 'I')"
    allowed = ["I", *(["U"] if has_key else []), *(["D"] if has_key and not landed.is_load else [])]
    fits = f"coalesce({value} IN ({', '.join(map(literal, allowed))}), false)"
    place = "a full load" if landed.is_load else "a table with a key" if has_key else "a table without a key"
    return Value("op", value, fits, f"no operation of {place}: {', '.join(allowed)}", _class(value, found.type))


def day_value(found: FileColumn | None, day: date, edge: date | None) -> Value:
    """The date of a row: its own, else that of the object. It must be after `edge`, where there is one."""
    default = f"DATE '{day}'"
    later = [f"{{0}} > DATE '{edge}'"] if edge else []
    wanted = "no date" + (f" after {edge}, the last that has left the change zone; land a full load" if edge else "")
    if found is None or found.type.family == "null":
        return Value("dart_filedate", default, " AND ".join(later).format(default), wanted, "'date'")
    value, checks = _read(found, "column dart_filedate")
    sql, more = _cast(value, found.type, column_type("DATE"), "column dart_filedate")
    taken = f"coalesce({sql}, {default})"
    checks += [*more, f"isfinite({sql})"]
    fits = f"({value} IS NULL OR coalesce({' AND '.join(checks)}, false))"
    fits = " AND ".join([fits, *later]).format(taken) if later else fits
    return Value("dart_filedate", taken, fits, f"{found.type} that is {wanted}", _class(value, found.type))


def spelled(column: TargetColumn) -> str:
    """A declared type for a message."""
    length = f"({column.type.length})" if column.type.length else ""
    return f"{column.type.sql_server}{length}" if not column.type.duckdb.startswith("DECIMAL") else column.type.duckdb.lower()


def _read(found: FileColumn, what: str) -> tuple[str, list[str]]:
    """A file's value as DuckDB reads it without a change, and the conditions for that."""
    if found.finer:
        raise DatamartError(f"{what} may hold nanoseconds, which would be cut off; write the file with microseconds")
    value = identifier(found.name)
    checks = []
    if found.written == "TIMESTAMP_NS":
        checks.append(f"CAST(CAST({value} AS TIMESTAMP) AS TIMESTAMP_NS) = {value}")
    moved = calendars.moved(value, found, what)
    return (f"CAST({moved} AS {found.type.sql})" if found.type.sql != found.written else moved), checks


def _cast(value: str, source: ColumnType, target: ColumnType, what: str) -> tuple[str, list[str]]:
    """The value as the target type, and the conditions under which nothing is lost."""
    if source == target or holds_all(target, source):
        return (value if source == target else f"CAST({value} AS {target.sql})"), []
    pair = (source.family, target.family)
    cast = f"TRY_CAST({value} AS {target.sql})"
    if pair == ("integer", "boolean"):
        return cast, [f"{value} IN (0, 1)"]
    if pair == ("boolean", "integer"):
        return cast, []
    if target.family in ("text", "other") or source.family == "other":
        raise DatamartError(f"{what} is {source}, which cannot become {target}; correct the type in the target schema")
    return cast, [f"{cast} IS NOT NULL", *conditions(value, cast, source, target, what)]


def _class(value: str, source: ColumnType) -> str:
    """SQL for the class of a value: how long a text is, how many digits a number has; never the value."""
    if source.family == "text":
        return f"CASE WHEN {value} IS NULL THEN 'NULL' ELSE 'text of ' || length({value}) || ' characters' END"
    shown = literal(str(source))
    return f"CASE WHEN {value} IS NULL THEN 'NULL' ELSE {shown} || ' of ' || length(CAST({value} AS VARCHAR)) || ' characters' END"
