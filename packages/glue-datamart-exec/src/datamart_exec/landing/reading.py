"""Reads landing objects under the declared types: rows that fit, rows that do not and why, objects that cannot be read.

A value is taken only when its type holds it exactly. A row with one value that does not fit is left out as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.shape import Shape
from datamart_exec.landing.manifest import Arrival
from datamart_exec.landing.target_schema import OBJECT, ROW, TargetTable
from datamart_exec.landing.values import Value, column_value, day_value, operation_value
from datamart_exec.staging import footers
from datamart_exec.staging.cast import identifier, literal
from datamart_exec.staging.footers import FileColumn


@dataclass(frozen=True, slots=True)
class ReadObject:
    """What one object brought."""

    arrival: Arrival
    rows: int = 0  # in the object
    rejected: int = 0
    first_day: date | None = None  # of the rows that were taken
    last_day: date | None = None
    new_columns: tuple[str, ...] = ()  # that the target schema does not have
    missing_columns: tuple[str, ...] = ()
    unreadable: str | None = None  # why nothing of it was taken


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads objects of one table into `incoming` (`source`, `row`, `day`, the shape's columns) and `rejected`
    (`source`, `row`, `column_name`, `value_class`, `reason`).

    `load_day` is the day of a full load whose rows name none; rows of changes must be later than `edge`.
    """

    duck: duckdb.DuckDBPyConnection
    bucket: str
    table: TargetTable
    shape: Shape
    load_day: date
    edge: date | None

    def start(self) -> None:
        """Make the two tables."""
        columns = ", ".join(f"{identifier(column.name)} {column.type}" for column in self.shape.columns)
        self.duck.execute(
            f"CREATE OR REPLACE TEMP TABLE incoming (source INTEGER, row BIGINT, day DATE, {columns})"
        )
        self.duck.execute(
            "CREATE OR REPLACE TEMP TABLE rejected"
            " (source INTEGER, row BIGINT, column_name VARCHAR, value_class VARCHAR, reason VARCHAR)"
        )

    def read(self, arrivals: Sequence[Arrival], first: int = 0) -> list[ReadObject]:
        """Read objects in their order; each gets a number as its `source`, from `first` on."""
        return [self._object(number, arrival) for number, arrival in enumerate(arrivals, first)]

    def _object(self, source: int, arrival: Arrival) -> ReadObject:
        try:
            return self._rows(source, arrival)
        except (DatamartError, duckdb.Error) as error:
            self.duck.execute("DELETE FROM incoming WHERE source = ?", [source])
            self.duck.execute("DELETE FROM rejected WHERE source = ?", [source])
            return ReadObject(arrival, unreadable=" ".join(str(error).split()))

    def _rows(self, source: int, arrival: Arrival) -> ReadObject:
        uri = f"s3://{self.bucket}/{arrival.landed.key}"
        found = footers.read(self.duck, uri)
        values = list(self._values(uri, found, arrival))
        checks = [*values, *self._key_check(values)]
        fits = " AND ".join(check.fits for check in checks if check.fits) or "true"
        items = ", ".join(f"{value.sql} AS {identifier(value.name)}" for value in values)
        file = f"read_parquet([{literal(uri)}], hive_partitioning = false, file_row_number = true)"
        self.duck.execute(
            f"INSERT INTO incoming BY NAME SELECT {source} AS source, file_row_number AS row, dart_filedate AS day, *"
            f" EXCLUDE (file_row_number) FROM (SELECT file_row_number, {items} FROM {file} WHERE {fits})"
        )
        taken, first, last = self._taken(source)
        ((rows,),) = self.duck.execute(f"SELECT count(*) FROM {file}").fetchall()
        if taken < rows:
            self._reject(source, checks, file)
        declared = {column.source.lower() for column in self.table.columns} | {"op", "dart_filedate"}
        return ReadObject(
            arrival,
            rows,
            rows - taken,
            first,
            last,
            tuple(sorted(column.name for name, column in found.items() if name not in declared)),
            tuple(column.name for column in self.table.columns if column.source.lower() not in found),
        )

    def _values(self, uri: str, found: Mapping[str, FileColumn], arrival: Arrival) -> Iterator[Value]:
        """The value of each of the shape's columns, in their order."""
        declared = {column.name: column for column in self.table.columns}
        for name in self.shape.names:
            if name == "op":
                yield operation_value(found.get("op"), arrival.landed, has_key=bool(self.table.key))
            elif name == "dart_filedate":
                edge = None if arrival.landed.is_load else self.edge
                yield day_value(found.get("dart_filedate"), arrival.landed.day or self.load_day, edge)
            elif name == OBJECT and not self.table.key:
                yield Value(name, literal(arrival.landed.key))
            elif name == ROW and not self.table.key:
                yield Value(name, "file_row_number")
            elif name in declared:
                yield column_value(declared[name], found.get(declared[name].source.lower()), uri)
            else:  # a column that the target schema has no more
                yield Value(name, "NULL")

    def _key_check(self, values: Sequence[Value]) -> Iterator[Value]:
        """The rule that some column of the key has a value."""
        if self.table.key:
            parts = [f"({value.sql}) IS NULL" for value in values if value.name in self.table.key]
            yield Value(
                ", ".join(self.table.key), "", f"NOT ({' AND '.join(parts)})", "no row without a key", "'NULL'"
            )

    def _taken(self, source: int) -> tuple[int, date | None, date | None]:
        """The number of rows that were taken, and their first and last day."""
        query = "SELECT count(*), min(day), max(day) FROM incoming WHERE source = ?"
        ((count, first, last),) = self.duck.execute(query, [source]).fetchall()
        return count, first, last

    def _reject(self, source: int, values: Sequence[Value], file: str) -> None:
        """Note each value that does not fit."""
        for value in values:
            if value.fits:
                self.duck.execute(
                    f"INSERT INTO rejected SELECT {source}, file_row_number, {literal(value.name)}, {value.kind},"
                    f" {literal(value.wanted)} FROM {file} WHERE NOT ({value.fits})"
                )
