"""Converts rows to Arrow tables with the model's types; Arrow refuses values out of range."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from cars_acceptance.source.errors import SourceError
from cars_acceptance.source.state import Row


def to_arrow(table: str, rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Rows as a table of `schema`; absent columns are NULL. Raises SourceError with the column's name."""
    unknown = sorted({column for row in rows for column in row} - set(schema.names) - {"dart_filedate"})
    if unknown:
        raise SourceError(f"source table {table} has no column {', '.join(unknown)} in the model")
    return pa.Table.from_arrays([_column(table, rows, field) for field in schema], schema=schema)


def _column(table: str, rows: Sequence[Row], field: "pa.Field[Any]") -> "pa.Array[Any]":
    values = [row.get(field.name) for row in rows]
    try:
        column: pa.Array[Any] = pa.array(values, type=field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise SourceError(f"{table}.{field.name} cannot be {field.type}: {error}") from error
    return column
