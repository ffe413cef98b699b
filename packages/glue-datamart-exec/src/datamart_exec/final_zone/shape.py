"""Columns and key of a table of the final zone, and the SQL that reads and writes its data files by field id."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datamart_exec.staging.cast import identifier, literal


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its DuckDB type, and the field id by which Iceberg knows it under every name."""

    name: str
    type: str
    field_id: int


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table in their order; `key` names those that identify a row, which may be NULL in part."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def list(self, alias: str = "") -> str:
        """All columns as a select list."""
        return columns(self.names, alias)

    def same_key(self, left: str, right: str) -> str:
        """The condition that two rows have one key; NULL equals NULL."""
        return same(self.key, left, right)

    def read(self, paths: Sequence[str], *, row_numbers: bool = False) -> str:
        """A table function over data files, whichever columns they were written with.

        With `row_numbers` there are two more columns: `filename`, and `file_row_number` from 0.
        """
        fields = ", ".join(
            f"{column.field_id}: {{name: {literal(column.name)}, type: {literal(column.type)}, default_value: NULL}}"
            for column in self.columns
        )
        files = ", ".join(literal(path) for path in paths)
        more = ", filename = true, file_row_number = true" if row_numbers else ""
        return f"read_parquet([{files}], schema = MAP {{{fields}}}{more})"

    def rows_of(self, paths: Sequence[str]) -> str:
        """What `read` gives, for any number of files; no file is no row."""
        if paths:
            return self.read(paths)
        empty = ", ".join(
            f"CAST(NULL AS {column.type}) AS {identifier(column.name)}" for column in self.columns
        )
        return f"(SELECT {empty} WHERE false)"

    def copy(self, select: str, path: str, *more: str) -> str:
        """The statement that writes a query's rows, which have this shape's columns, as one file; `more` are options."""
        ids = ", ".join(f"{identifier(column.name)}: {column.field_id}" for column in self.columns)
        options = ["FORMAT parquet", "COMPRESSION zstd", "COMPRESSION_LEVEL 1", f"FIELD_IDS {{{ids}}}", *more]
        return f"COPY ({select}) TO {literal(path)} ({', '.join(options)})"


def columns(names: Iterable[str], alias: str = "") -> str:
    """Names as a select list, each with the table's alias."""
    dot = f"{alias}." if alias else ""
    return ", ".join(dot + identifier(name) for name in names)


def same(names: Iterable[str], left: str, right: str) -> str:
    """The condition that two rows agree in these columns; NULL equals NULL."""
    pairs = (f"{left}.{identifier(name)} IS NOT DISTINCT FROM {right}.{identifier(name)}" for name in names)
    return " AND ".join(pairs)
