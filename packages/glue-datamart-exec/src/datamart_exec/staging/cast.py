"""Casts without loss: SQL for DuckDB that ends the query with column and value when a value does not fit."""

from __future__ import annotations

from datamart_exec.errors import DatamartError
from datamart_exec.staging.column_types import ColumnType, holds_all

# text formats from which DuckDB and Spark read the same value
FORMATS = {
    "DATE": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "YYYY-MM-DD"),
    "TIMESTAMP": (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?)?",
        "YYYY-MM-DD[ hh:mm:ss[.ffffff]]",
    ),
    "BOOLEAN": (r"true|false", "true or false"),
}
WHOLE_NUMBER = (r"[+-]?[0-9]+", "a whole number")
SHOWN = 60  # characters of a value in a message


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def checked(value: str, source: ColumnType, target: ColumnType, what: str, *, exact: bool = True) -> str:
    """SQL that casts `value` to `target`. A value that does not fit ends the query; the message starts with `what`.

    With `exact`, lost digits after the point are an error too; without it, decimals are rounded half away from zero,
    as Spark and DuckDB both do. Raises `DatamartError` for a pair of types that has no cast.
    """
    if source == target:
        return value
    if holds_all(target, source):
        return f"CAST({value} AS {target.sql})"
    cast = f"TRY_CAST({value} AS {target.sql})"
    fits = [f"{cast} IS NOT NULL", *conditions(value, cast, source, target, what, exact=exact)]
    return (
        f"CASE WHEN {value} IS NULL THEN NULL WHEN {' AND '.join(fits)} THEN {cast}"
        f" ELSE CAST({refused(value, what, _expected(source, target))} AS {target.sql}) END"
    )


def limited_text(value: str, length: int, what: str) -> str:
    """SQL for a text of at most `length` characters; a longer one ends the query with a message."""
    refusal = refused(value, what, f"a text of at most {length} characters")
    return f"CASE WHEN length({value}) > {length} THEN CAST({refusal} AS VARCHAR) ELSE {value} END"


def conditions(
    value: str, cast: str, source: ColumnType, target: ColumnType, what: str, *, exact: bool = True
) -> list[str]:
    """The conditions besides a successful cast."""
    if source.family == "text":
        return [f"regexp_full_match({value}, {literal(text_format(source, target, what)[0])})"]
    back = f"TRY_CAST({cast} AS {source.sql}) = {value}"
    match source.family, target.family:
        case "integer", "integer" | "decimal":
            return []
        case "decimal", "decimal":
            return [back] if exact else []
        case ("timestamp", "date") if not exact:
            return []
        case "decimal" | "float" | "integer", "integer" | "decimal" | "float":
            return [back]
        case "timestamp", "date" | "timestamp":
            return [back]
        case "date", "text":  # years that Spark and Postgres write with a sign, or in other words
            return [f"{value} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"]
        case "boolean" | "integer", "text":
            return []
    raise _no_cast(source, target, what)


def _no_cast(source: ColumnType, target: ColumnType, what: str) -> DatamartError:
    return DatamartError(
        f"{what} is {source} and cannot become {target}; cast it in the script or fix the source"
    )


def text_format(source: ColumnType, target: ColumnType, what: str) -> tuple[str, str]:
    """The format a text needs for the target type: a regular expression, and its description."""
    if target.family == "integer":
        return WHOLE_NUMBER
    if target.family == "decimal":
        return _decimal_format(target), str(target)
    if target.sql not in FORMATS:
        raise _no_cast(source, target, what)
    return FORMATS[target.sql]


def _decimal_format(target: ColumnType) -> str:
    digits = rf"(\.[0-9]{{0,{target.scale}}}0*)?" if target.scale else r"(\.0*)?"
    return rf"[+-]?[0-9]+{digits}"


def _expected(source: ColumnType, target: ColumnType) -> str:
    if source.family == "text" and target.sql in FORMATS:
        return f"{target} in the form {FORMATS[target.sql][1]}"
    if source.family == "date" and target.family == "text":
        return "a date of the years 1 to 9999, which alone are written the same everywhere"
    return str(target)


def refused(value: str, what: str, wanted: str) -> str:
    shown = f"left(CAST({value} AS VARCHAR), {SHOWN})"
    return f"error({literal(what + ': value ' + chr(39))} || {shown} || {literal(chr(39) + ' is not ' + wanted)})"
