"""The column types of staging: DuckDB's name for each, and its family, which decides which types may mix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Family = Literal["text", "integer", "decimal", "float", "date", "timestamp", "boolean", "null", "other"]

INTEGERS = {
    "TINYINT": 8,
    "SMALLINT": 16,
    "INTEGER": 32,
    "BIGINT": 64,
    "UTINYINT": 9,
    "USMALLINT": 17,
    "UINTEGER": 33,
    "UBIGINT": 65,
}  # -> bits of the signed integer that holds every value of it
PLAIN: dict[str, Family] = {
    "VARCHAR": "text",
    "FLOAT": "float",
    "DOUBLE": "float",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
    "BOOLEAN": "boolean",
}
DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@dataclass(frozen=True, slots=True)
class ColumnType:
    """One type: DuckDB's name, its family, and precision and scale where it has them."""

    sql: str
    family: Family
    precision: int = 0  # of decimals: digits; of integers: bits
    scale: int = 0

    def __str__(self) -> str:
        return self.sql.lower()

    @property
    def spark(self) -> str:
        """The name of the type in Spark SQL, after the changes that reading a file makes to it."""
        return {"text": "STRING", "null": "STRING", "timestamp": "TIMESTAMP", "float": "DOUBLE"}.get(
            self.family, self._spark_number()
        )

    def _spark_number(self) -> str:
        if self.family == "integer":
            return "INT" if self.precision <= 32 else "BIGINT" if self.precision <= 64 else "DECIMAL(20,0)"
        return self.sql


NULL = ColumnType("VARCHAR", "null")  # a column that no file gives a type: all its values are NULL


def column_type(sql: str) -> ColumnType:
    """The type of this DuckDB name; a type that staging cannot load is of family `other`."""
    if sql in INTEGERS:
        return ColumnType(sql, "integer", INTEGERS[sql])
    if match := DECIMAL.fullmatch(sql):
        return ColumnType(sql, "decimal", int(match[1]), int(match[2]))
    return NULL if sql == '"NULL"' else ColumnType(sql, PLAIN.get(sql, "other"))


DIGITS = {
    8: 3,
    9: 3,
    16: 5,
    17: 5,
    32: 10,
    33: 10,
    64: 19,
    65: 20,
}  # bits of an integer -> its decimal digits


def as_decimal(number: ColumnType) -> ColumnType:
    """The decimal that holds every value of an integer; a decimal itself."""
    return number if number.family == "decimal" else column_type(f"DECIMAL({DIGITS[number.precision]},0)")


def holds_all(target: ColumnType, source: ColumnType) -> bool:
    """Whether `target` holds every value of `source`, so that a plain cast loses nothing."""
    if target == source or source.family == "null":
        return True
    if source.sql == "FLOAT" and target.sql == "DOUBLE":
        return True
    if source.family == "integer" and target.family == "integer":
        return source.precision <= target.precision
    if source.family == "integer" and target.family == "decimal":
        return DIGITS[source.precision] <= target.precision - target.scale
    if source.family == "decimal" and target.family == "decimal":
        whole = source.precision - source.scale <= target.precision - target.scale
        return whole and source.scale <= target.scale
    return source.family == "date" and target.sql == "TIMESTAMP"
