"""SQL Server's column types as they are spelled in a target schema, and what each becomes. Pure.

Ranges and sizes: Microsoft's documentation of Transact-SQL data types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from datamart_exec.errors import shown

_SPELLING = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*(?:\(\s*([^()]*?)\s*\))?\s*")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,5}")
MAX_PRECISION = 38


@dataclass(frozen=True, slots=True)
class LandingType:
    """A type: SQL Server's spelling, DuckDB's, and limits that DuckDB's type does not have.

    `length` counts characters of a text, bytes of a binary value; `low` and `high` bound a number, both included.
    """

    sql_server: str
    duckdb: str
    length: int | None = None
    low: int | None = None
    high: int | None = None


_PLAIN = {
    "bigint": LandingType("bigint", "BIGINT"),
    "int": LandingType("int", "INTEGER"),
    "integer": LandingType("int", "INTEGER"),
    "smallint": LandingType("smallint", "INTEGER", low=-32_768, high=32_767),
    "tinyint": LandingType("tinyint", "INTEGER", low=0, high=255),
    "bit": LandingType("bit", "BOOLEAN"),
    "money": LandingType("money", "DECIMAL(19,4)"),
    "smallmoney": LandingType("smallmoney", "DECIMAL(10,4)"),
    "real": LandingType("real", "FLOAT"),
    "date": LandingType("date", "DATE"),
    "datetime": LandingType("datetime", "TIMESTAMP"),
    "smalldatetime": LandingType("smalldatetime", "TIMESTAMP"),
    "text": LandingType("text", "VARCHAR"),
    "ntext": LandingType("ntext", "VARCHAR"),
    "xml": LandingType("xml", "VARCHAR"),
    "sysname": LandingType("sysname", "VARCHAR", length=128),
    "uniqueidentifier": LandingType("uniqueidentifier", "VARCHAR", length=36),
    "image": LandingType("image", "BLOB"),
    "rowversion": LandingType("rowversion", "BLOB", length=8),
}
_TEXTS = {
    "char": 8000,
    "varchar": 8000,
    "nchar": 4000,
    "nvarchar": 4000,
}  # -> the longest that can be declared
_BINARIES = {"binary": 8000, "varbinary": 8000}
_FRACTIONS = {"datetime2": "TIMESTAMP", "datetimeoffset": "TIMESTAMP WITH TIME ZONE", "time": "TIME"}
_REFUSED = {
    "timestamp": "in SQL Server it is another name of rowversion: write rowversion, or datetime2 for a point in time",
    "sql_variant": "its values have no one type: cast it in the source",
    "hierarchyid": "it has no counterpart: deliver its ToString() as nvarchar",
    "geography": "it has no counterpart: deliver its STAsText() as nvarchar(max)",
    "geometry": "it has no counterpart: deliver its STAsText() as nvarchar(max)",
    "table": "it is no type of a column",
    "cursor": "it is no type of a column",
}


def parse_type(text: str) -> LandingType:
    """The type that a spelling such as `decimal(18, 4)` names. Raises ValueError with the value and the way out."""
    match = _SPELLING.fullmatch(text)
    if not match:
        raise ValueError(
            f"is {shown(text)}: not a type; write a name, with its size in brackets as in decimal(18,4)"
        )
    name, sizes = match[1].lower(), match[2]
    if name in _REFUSED:
        raise ValueError(f"is {shown(text)}: {_REFUSED[name]}")
    parts = [] if sizes is None else [part.strip().lower() for part in sizes.split(",")]
    if name in _PLAIN:
        if sizes is not None:
            raise ValueError(f"is {shown(text)}: {name} has no size")
        return _PLAIN[name]
    return _sized(name, parts, text)


def _sized(name: str, parts: list[str], text: str) -> LandingType:
    if name in ("decimal", "numeric", "dec"):
        return _decimal(parts, text)
    if name in _TEXTS:
        return LandingType(name, "VARCHAR", length=_length(name, parts, _TEXTS[name], text))
    if name in _BINARIES:
        return LandingType(name, "BLOB", length=_length(name, parts, _BINARIES[name], text))
    if name in _FRACTIONS:
        _number(parts, text, what="digits of a second", low=0, high=7, default=7)
        return LandingType(name, _FRACTIONS[name])
    if name == "float":
        bits = _number(parts, text, what="bits", low=1, high=53, default=53)
        return LandingType("float", "FLOAT" if bits <= 24 else "DOUBLE")
    known = ", ".join(sorted({*_PLAIN, *_TEXTS, *_BINARIES, *_FRACTIONS, "decimal", "numeric", "float"}))
    raise ValueError(f"is {shown(text)}: no type of SQL Server; known are {known}")


def _decimal(parts: list[str], text: str) -> LandingType:
    if len(parts) > 2:
        raise ValueError(f"is {shown(text)}: a decimal has precision and scale, as in decimal(18,4)")
    precision = _number(parts[:1], text, what="precision", low=1, high=MAX_PRECISION, default=18)
    scale = _number(parts[1:], text, what="scale", low=0, high=precision, default=0)
    return LandingType("decimal", f"DECIMAL({precision},{scale})")


def _length(name: str, parts: list[str], most: int, text: str) -> int | None:
    """The declared length; None, no limit, for `max` and for a bare name, as INFORMATION_SCHEMA's DATA_TYPE spells it."""
    if not parts or (parts == ["max"] and name.startswith(("var", "nvar"))):
        return None
    return _number(parts, text, what="length", low=1, high=most, default=1)


def _number(parts: list[str], text: str, *, what: str, low: int, high: int, default: int) -> int:
    if not parts:
        return default
    if len(parts) > 1 or not _WHOLE_NUMBER.fullmatch(parts[0]) or not low <= int(parts[0]) <= high:
        raise ValueError(f"is {shown(text)}: {what} must be one whole number from {low} to {high}")
    return int(parts[0])
