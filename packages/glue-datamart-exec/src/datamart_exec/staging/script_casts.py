"""The casts of a script: those proven equal, each as a DuckDB expression over `x` that raises where Spark gives NULL."""

from __future__ import annotations

from sqlglot import exp

from datamart_exec.errors import DatamartError
from datamart_exec.staging import cast
from datamart_exec.staging.column_types import ColumnType, column_type

T = exp.DataType.Type
DUCKDB_TYPES = {
    **dict.fromkeys((T.VARCHAR, T.TEXT), "VARCHAR"),
    T.SMALLINT: "SMALLINT",
    T.INT: "INTEGER",
    T.BIGINT: "BIGINT",
    T.DOUBLE: "DOUBLE",
    T.DATE: "DATE",
    **dict.fromkeys((T.TIMESTAMP, T.TIMESTAMPTZ, T.TIMESTAMPNTZ), "TIMESTAMP"),
    T.BOOLEAN: "BOOLEAN",
}
# source family -> target families for which CAST is proven equal
CASTS = {
    "text": {"text", "integer", "decimal", "float", "date", "timestamp", "boolean"},
    "integer": {"text", "integer", "decimal", "float"},
    "decimal": {"text", "integer", "decimal", "float"},
    "float": {"integer", "float"},
    "date": {"text", "date", "timestamp"},
    "timestamp": {"text", "date", "timestamp"},
    "boolean": {"text", "integer", "boolean"},
}
TRY_TARGETS = ("integer", "decimal", "date")
FLOAT_FORMAT = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
PLAIN_SCALE = 6  # digits after the point up to which Spark writes a decimal without an exponent


def body(source: ColumnType, wanted: ColumnType, what: str) -> str:
    """The expression of CAST. Raises `DatamartError` for a pair of types that is not proven equal."""
    if wanted.family not in CASTS.get(source.family, ()):
        raise DatamartError(
            f"{what}: CAST from {source.family} to {wanted} is not proven equal in Spark and DuckDB;"
            " see staging/allow_list.py for how to add it"
        )
    match source.family, wanted.family:
        case "text", "float":
            return _checked_text(FLOAT_FORMAT, wanted, what, "a number such as 1.5 or 1e3")
        case "integer" | "boolean", "float" | "integer" | "text" if (
            source.family == "boolean" or wanted.family == "float"
        ):
            return f"CAST(x AS {wanted.sql})"
        case "decimal", "float":
            return "CAST(CAST(x AS VARCHAR) AS DOUBLE)"  # DuckDB's own cast divides, and rounds twice
        case "decimal" | "float", "integer":
            return _whole(wanted, what)
        case "decimal", "text":
            return _decimal_text(source, what)
        case "timestamp", "text":
            return _timestamp_text(what)
    return cast.checked("x", source, wanted, what, exact=False)


def try_body(source: ColumnType, wanted: ColumnType, what: str) -> str:
    """The expression of TRY_CAST: NULL for a text without any digit, an error for a spelling read in different ways."""
    if source.family != "text" or wanted.family not in TRY_TARGETS:
        raise DatamartError(
            f"{what}: TRY_CAST from {source.family} to {wanted} is not proven equal in Spark and DuckDB; only text to a"
            " whole number, a decimal or a date is"
        )
    pattern, _ = cast.text_format(source, wanted, what)
    tried = f"TRY_CAST(x AS {wanted.sql})"
    refusal = cast.refused("x", what, f"{wanted} in a spelling that Spark and DuckDB read alike")
    return (
        f"CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(x, {cast.literal(pattern)}) THEN {tried}"
        f" WHEN regexp_matches(x, '[0-9]') THEN CAST({refusal} AS {wanted.sql}) ELSE NULL END"
    )


def target(script: str, node: exp.Expr) -> ColumnType:
    """The type that a cast asks for."""
    to = node.args["to"]
    if to.this == T.DECIMAL:
        sizes = [int(part.name) for part in to.expressions] or [10]
        precision, scale = (*sizes, 0)[:2]
        return column_type(f"DECIMAL({precision},{scale})")
    sql = DUCKDB_TYPES.get(to.this)
    if sql is None or to.expressions:
        raise DatamartError(f"{script}: CAST to {to.sql('spark')} is not proven equal in Spark and DuckDB")
    return column_type(sql)


def _checked_text(pattern: str, wanted: ColumnType, what: str, name: str) -> str:
    return (
        f"CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(x, {cast.literal(pattern)}) THEN CAST(x AS {wanted.sql})"
        f" ELSE CAST({cast.refused('x', what, name)} AS {wanted.sql}) END"
    )


def _whole(wanted: ColumnType, what: str) -> str:
    """Spark cuts off the digits after the point, DuckDB rounds."""
    tried = f"TRY_CAST(trunc(x) AS {wanted.sql})"
    return (
        f"CASE WHEN x IS NULL THEN NULL WHEN {tried} IS NOT NULL THEN {tried}"
        f" ELSE CAST({cast.refused('x', what, str(wanted))} AS {wanted.sql}) END"
    )


def _decimal_text(source: ColumnType, what: str) -> str:
    if source.scale > PLAIN_SCALE or source.scale == source.precision:
        raise DatamartError(
            f"{what}: CAST from {source} to a text is not proven equal in Spark and DuckDB; CAST it to a decimal with"
            f" at most {PLAIN_SCALE} digits after the point and one before it first"
        )
    return "CAST(x AS VARCHAR)"


def _timestamp_text(what: str) -> str:
    refusal = cast.refused(
        "x", what, "a timestamp of the years 1 to 9999, which alone are written the same everywhere"
    )
    return (
        "CASE WHEN x IS NULL OR x >= TIMESTAMP '0001-01-01' AND x < TIMESTAMP '9999-12-31' + INTERVAL 1 DAY"
        f" THEN CAST(x AS VARCHAR) ELSE CAST({refusal} AS VARCHAR) END"
    )
