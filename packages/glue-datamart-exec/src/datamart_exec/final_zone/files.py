"""Writes rows as data files sorted by key, of about one size, and describes them for Iceberg."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import duckdb
from pyiceberg.io import FileIO
from pyiceberg.io.pyarrow import parquet_file_to_data_file
from pyiceberg.manifest import DataFile
from pyiceberg.table.metadata import TableMetadata

from datamart_exec.final_zone.shape import Shape, columns

TARGET_BYTES = 64 << 20
FIRST_ROW_BYTES = 64  # of a table that has no file yet, compressed


@dataclass(frozen=True, slots=True)
class FileWriter:
    """Writes data files of one table under its location, on S3 or on disk. Names are new: no file is replaced."""

    duck: duckdb.DuckDBPyConnection
    shape: Shape
    metadata: TableMetadata
    io: FileIO
    target_bytes: int = TARGET_BYTES

    def write(
        self, select: str, *, row_bytes: float = FIRST_ROW_BYTES, rows: int | None = None
    ) -> tuple[DataFile, ...]:
        """Write a query's rows; `row_bytes` is what one takes in files that exist. No rows make no file.

        Where the number of `rows` is known and they fit into one file, they are not kept in between.
        """
        if rows is not None and rows <= self.target_bytes / row_bytes:
            return (self._written(select),) if rows else ()
        self.duck.execute(
            f"CREATE OR REPLACE TEMP TABLE sorted_rows AS {select}"
            f" ORDER BY {columns(self.shape.key or self.shape.names[:1])}"
        )
        paths = list(self._write_sorted(max(1, int(self.target_bytes / row_bytes))))
        self.duck.execute("DROP TABLE sorted_rows")
        return tuple(self._described(path) for path in paths)

    def _written(self, select: str) -> DataFile:
        path = self._new_path()
        key = columns(self.shape.key or self.shape.names[:1])
        self.duck.execute(self.shape.copy(f"SELECT {self.shape.list()} FROM ({select}) ORDER BY {key}", path))
        return self._described(path)

    def _new_path(self) -> str:
        return f"{self.metadata.location}/data/{uuid4().hex}.parquet"

    def _write_sorted(self, rows_a_file: int) -> Iterator[str]:
        ((count,),) = self.duck.execute("SELECT count(*) FROM sorted_rows").fetchall()
        files = math.ceil(count / rows_a_file)
        for number in range(files):
            first, end = count * number // files, count * (number + 1) // files
            path = self._new_path()
            part = f"SELECT {self.shape.list()} FROM sorted_rows WHERE rowid >= {first} AND rowid < {end}"
            self.duck.execute(self.shape.copy(part, path))
            yield path

    def _described(self, path: str) -> DataFile:
        file = parquet_file_to_data_file(self.io, self.metadata, path)
        file.spec_id = (
            self.metadata.default_spec_id
        )  # pyiceberg sets it only on files that it read from a manifest
        return file
