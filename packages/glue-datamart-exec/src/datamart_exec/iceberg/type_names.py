"""Iceberg's names of column types and DuckDB's. Without pyiceberg, so that a reader of metadata need not import it."""

from __future__ import annotations

import re
from types import MappingProxyType

DUCKDB_TYPES = MappingProxyType(
    {
        "long": "BIGINT",
        "int": "INTEGER",
        "boolean": "BOOLEAN",
        "float": "FLOAT",
        "double": "DOUBLE",
        "date": "DATE",
        "time": "TIME",
        "timestamp": "TIMESTAMP",
        "timestamptz": "TIMESTAMP WITH TIME ZONE",
        "string": "VARCHAR",
        "binary": "BLOB",
    }
)
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")


def duckdb_name(iceberg: object) -> str | None:
    """DuckDB's name of a type as the table's metadata has it; None for a type that the final zone does not have."""
    if not isinstance(iceberg, str):  # a struct, a list or a map
        return None
    if match := _DECIMAL.fullmatch(iceberg):
        return f"DECIMAL({match[1]},{match[2]})"
    return DUCKDB_TYPES.get(iceberg)
