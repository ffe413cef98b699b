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

DAY = '"landing day"'  # in the reader's query: the date in an object's name, or of a full load's run
# texts that say one value: SQL Server's own spelling, ISO 8601, seconds with digits that do not matter
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6}0*)?"
_ZONE = r" ?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_TEXTS = {
    "DATE": _DAY,
    "TIME": _TIME,
    "TIMESTAMP": f"{_DAY}([ T]{_TIME})?",
    "TIMESTAMP WITH TIME ZONE": f"{_DAY}[ T]{_TIME}{_ZONE}",
    "BOOLEAN": "true|false",
}
# what SQL Server's type holds and DuckDB's exceeds; also keeps out its infinite dates
_RANGES = {
    "DATE": "{0} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
    "TIMESTAMP": "{0} >= TIMESTAMP '0001-01-01' AND {0} < TIMESTAMP '10000-01-01'",
    "TIMESTAMP WITH TIME ZONE": "{0} >= TIMESTAMPTZ '0001-01-01 00:00:00+00'"
    " AND {0} < TIMESTAMPTZ '10000-01-01 00:00:00+00'",
    "FLOAT": "isfinite({0})",
    "DOUBLE": "isfinite({0})",
}
_NUMBERS = ("integer", "decimal", "float")
_TEXT_LIKE = ("UUID", "JSON")  # their texts are exact


@dataclass(frozen=True, slots=True)
class Value:
    """A column's value in SQL. `fits` is empty where every value does; it is never NULL. `wanted` says what fits, and
    `kind` is SQL for the class of a value that does not: never the value itself."""

    name: str
    sql: str
    fits: str = ""
    wanted: str = ""
    kind: str = "NULL"


def column_value(column: TargetColumn, found: FileColumn | None) -> Value:
    """A declared column's value; NULL where the file lacks the column. Raises `DatamartError` for types without a cast."""
    target = column_type(column.type.duckdb)
    if found is None or found.type.family == "null":
        return Value(column.name, f"CAST(NULL AS {target.sql})")
    value, checks = _read(found)
    sql, more = _cast(value, found.type, target, f"column {found.name}")
    checks += [*more, *_limits(column, sql, target)]
    if not checks:
        return Value(column.name, sql)
    return Value(column.name, sql, _fits(found, checks), f"does not fit {spelled(column)}", _class(found))


def operation_value(found: FileColumn | None, landed: Landed, *, has_key: bool) -> Value:
    """The operation of a change. A full load may lack it; a change without one is not understood.

    Without a key nobody can tell which row an update or delete is about: only inserts fit.
    """
    if found is None:
        if landed.is_load:
            return Value("op", "'I'")
        raise DatamartError(
            "there is no column op, so that nobody can tell inserts, updates and deletes apart"
        )
    if found.type.family not in ("text", "null"):
        raise DatamartError(f"column op is {found.type}, it must be a text: I, U or D")
    value = f"upper(trim(CAST({identifier(found.name)} AS VARCHAR)))"
    if landed.is_load:
        value = f"coalesce({value}, 'I')"
    allowed = ["I", *(["U"] if has_key else []), *(["D"] if has_key and not landed.is_load else [])]
    fits = f"coalesce({value} IN ({', '.join(map(literal, allowed))}), false)"
    place = "a full load" if landed.is_load else "a table with a key" if has_key else "a table without a key"
    return Value("op", value, fits, f"is no operation of {place}: {', '.join(allowed)}", _class(found))


def day_value(found: FileColumn | None, edge: date | None) -> Value:
    """The date of a row: its own, else that of the object. It must be after `edge`, where there is one."""
    later = f"{{0}} > DATE '{edge}'" if edge else ""
    wanted = "is no date" + (
        f" after {edge}, the last that has left the change zone; land a full load" if edge else ""
    )
    if found is None or found.type.family == "null":
        return Value("dart_filedate", DAY, later.format(DAY), wanted, "'date'")
    value, checks = _read(found)
    sql, more = _cast(value, found.type, column_type("DATE"), "column dart_filedate")
    taken = f"coalesce({sql}, {DAY})"
    fits = _fits(found, [*checks, *more, _RANGES["DATE"].format(sql)])
    if later:
        fits = f"{fits} AND {later.format(taken)}"
    return Value("dart_filedate", taken, fits, wanted, _class(found))


def spelled(column: TargetColumn) -> str:
    """A declared type for a message."""
    length = f"({column.type.length})" if column.type.length else ""
    return (
        f"{column.type.sql_server}{length}"
        if not column.type.duckdb.startswith("DECIMAL")
        else column.type.duckdb.lower()
    )


def _read(found: FileColumn) -> tuple[str, list[str]]:
    """A file's value as DuckDB reads it without a change, and the conditions for that."""
    value = identifier(found.name)
    checks = []
    if found.written == "TIMESTAMP_NS":
        checks.append(f"TRY_CAST(TRY_CAST({value} AS TIMESTAMP) AS TIMESTAMP_NS) = {value}")
    if found.finer:  # the reader notes these values
        rows = f"SELECT source, row FROM finer WHERE column_name = {literal(found.name)}"
        checks.append(f'("landing source", file_row_number) NOT IN ({rows})')
    if found.calendar == "unknown" or (
        found.calendar == "julian" and found.written != "DATE" and not found.utc
    ):
        moved = f"CAST({value} AS TIMESTAMP)"
        checks.append(f"{moved} >= {calendars.STABLE}")
    else:
        moved = calendars.moved(value, found, f"column {found.name}")
    return (f"CAST({moved} AS {found.type.sql})" if found.type.sql != found.written else moved), checks


def _cast(value: str, source: ColumnType, target: ColumnType, what: str) -> tuple[str, list[str]]:
    """The value as the target type, and the conditions under which nothing is lost."""
    if source == target:
        return value, []
    if holds_all(target, source) or (target.family == "text" and source.sql in _TEXT_LIKE):
        # a date beyond the years of timestamps becomes NULL, which is out of range below
        return f"{'TRY_CAST' if source.family == 'date' else 'CAST'}({value} AS {target.sql})", []
    cast = f"TRY_CAST({value} AS {target.sql})"
    if source.sql == "TIME WITH TIME ZONE" and target.sql == "TIME":
        return cast, []
    match source.family, target.family:
        case "text", _ if target.sql in _TEXTS:
            text = value
            if target.sql == "TIMESTAMP WITH TIME ZONE":  # DuckDB wants no blank before the zone
                text = rf"regexp_replace({value}, ' ([+-][0-9:]+|Z)$', '\1')"
            cast = f"TRY_CAST({text} AS {target.sql})"
            return cast, [f"{cast} IS NOT NULL", f"regexp_full_match({value}, {literal(_TEXTS[target.sql])})"]
        case "integer", "boolean":
            return cast, [f"{value} IN (0, 1)"]
        case "boolean", "integer":
            return cast, []
        case ("text", "integer" | "decimal") | ("timestamp", "date" | "timestamp"):
            pass
        case read, wanted if read in _NUMBERS and wanted in _NUMBERS:
            pass
        case _:
            raise DatamartError(
                f"{what} is {source}, which cannot become {target}; correct the type in the target schema"
            )
    return cast, [f"{cast} IS NOT NULL", *conditions(value, cast, source, target, what)]


def _limits(column: TargetColumn, sql: str, target: ColumnType) -> list[str]:
    """The conditions of the declared type that DuckDB's does not have."""
    limits = [_RANGES[target.sql].format(sql)] if target.sql in _RANGES else []
    if column.type.length is not None:
        count = "octet_length" if target.sql == "BLOB" else "length"
        limits.append(f"{count}({sql}) <= {column.type.length}")
    if column.type.low is not None:
        limits.append(f"{sql} BETWEEN {column.type.low} AND {column.type.high}")
    return limits


def _fits(found: FileColumn, checks: list[str]) -> str:
    return f"({identifier(found.name)} IS NULL OR coalesce({' AND '.join(checks)}, false))"


def _class(found: FileColumn) -> str:
    """SQL for the class of a value: its type and how long it is; never the value."""
    value = identifier(found.name)
    kind = "text" if found.type.family == "text" else str(found.type)
    size = f"octet_length({value})" if found.type.sql == "BLOB" else f"length(CAST({value} AS VARCHAR))"
    unit = "bytes" if found.type.sql == "BLOB" else "characters"
    return f"CASE WHEN {value} IS NULL THEN 'NULL' ELSE {literal(f'{kind} of ')} || {size} || {literal(f' {unit}')} END"
