"""Reads landing objects under the declared types: rows that fit, rows that do not and why, objects that cannot be read.

A value is taken only when its type holds it exactly. A row with one value that does not fit is left out as a whole.
Objects of one layout are read together; when that fails, half of them each, down to the one that is at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import duckdb
import pyarrow as pa

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.shape import Shape
from datamart_exec.landing.failures import is_fault_of_file
from datamart_exec.landing.layouts import read_layouts
from datamart_exec.landing.manifest import Arrival
from datamart_exec.landing.target_schema import OBJECT, ROW, TargetTable
from datamart_exec.landing.values import DAY, Value, column_value, day_value, operation_value
from datamart_exec.staging import footers
from datamart_exec.staging.cast import identifier, literal
from datamart_exec.staging.footers import FileColumn
from datamart_exec.staging.nanoseconds import finer_values
from datamart_exec.storage import Storage

TOGETHER = 250  # objects of one call
URI, SOURCE, KEY = (
    '"landing uri"',
    '"landing source"',
    '"landing key"',
)  # no column of a source has such a name
RESERVED = {
    URI.strip('"'),
    SOURCE.strip('"'),
    KEY.strip('"'),
    DAY.strip('"'),
    "landing file",
    "file_row_number",
}


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
class _Numbered:
    """An object with its number as `source`, and its URI."""

    source: int
    uri: str
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads objects of one table into `incoming` (`source`, `row`, `day`, the shape's columns) and `rejected`
    (`source`, `row`, `column_name`, `value_class`, `reason`).

    `load_day` is the day of a full load whose rows name none; rows of changes must be later than `edge`.
    """

    duck: duckdb.DuckDBPyConnection
    storage: Storage
    bucket: str  # with the landing zone
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
        self.duck.execute(
            "CREATE OR REPLACE TEMP TABLE finer (source INTEGER, row BIGINT, column_name VARCHAR)"
        )

    def read(self, arrivals: Sequence[Arrival], first: int = 0) -> list[ReadObject]:
        """Read objects in their order; each gets a number as its `source`, from `first` on.

        Raises `duckdb.Error` for what is no fault of an object: no memory or disk, no answer from S3.
        """
        objects = [
            _Numbered(number, self.storage.uri(self.bucket, arrival.landed.key), arrival)
            for number, arrival in enumerate(arrivals, first)
        ]
        found: dict[int, ReadObject] = {}
        # each footer is asked for once; an object that changes meanwhile is found by its ETag
        with self._set("enable_http_metadata_cache"), self._set("parquet_metadata_cache"):
            self._register(objects)
            for start in range(0, len(objects), TOGETHER):
                found |= _halved(objects[start : start + TOGETHER], self._objects)
        return [found[each.source] for each in objects]

    @contextmanager
    def _set(self, name: str) -> Iterator[None]:
        """Have a setting of DuckDB on."""
        self.duck.execute(f"SET {name} = true")
        try:
            yield
        finally:
            self.duck.execute(f"SET {name} = false")

    def _register(self, objects: Sequence[_Numbered]) -> None:
        """Make `landing_object`: what is known of each object without reading it."""
        days = [each.arrival.landed.day or self.load_day for each in objects]
        rows = pa.table(
            {
                URI.strip('"'): pa.array([each.uri for each in objects], pa.string()),
                SOURCE.strip('"'): pa.array([each.source for each in objects], pa.int32()),
                KEY.strip('"'): pa.array([each.arrival.landed.key for each in objects], pa.string()),
                DAY.strip('"'): pa.array(days, pa.date32()),
            }
        )
        self.duck.register("arrow_objects", rows)
        self.duck.execute("CREATE OR REPLACE TEMP TABLE landing_object AS FROM arrow_objects")
        self.duck.unregister("arrow_objects")

    def _objects(self, objects: Sequence[_Numbered]) -> dict[int, ReadObject]:
        """Read objects of any layout."""
        by_uri = {each.uri: each for each in objects}
        found: dict[int, ReadObject] = {}
        for layout in read_layouts(self.duck, list(by_uri)):
            for is_load in (True, False):
                same = [by_uri[uri] for uri in layout if by_uri[uri].arrival.landed.is_load == is_load]
                if same:
                    found |= self._layout(same, layout)
        return found

    def _layout(self, objects: Sequence[_Numbered], rows: Mapping[str, int]) -> dict[int, ReadObject]:
        """Read objects of one layout and one kind."""
        try:
            columns = footers.read(self.duck, objects[0].uri)
            if taken := sorted(RESERVED & columns.keys()):
                raise DatamartError(
                    f"column {taken[0]} has a name that the reader needs; rename it in the source"
                )
            values = list(self._values(columns, objects[0].arrival))
        except DatamartError as error:
            reason = str(error).replace(f"{objects[0].uri} ", "")
            return {each.source: ReadObject(each.arrival, unreadable=reason) for each in objects}
        declared = {column.source.lower() for column in self.table.columns} | {"op", "dart_filedate"}
        bare = ReadObject(
            objects[0].arrival,
            new_columns=tuple(
                sorted(column.name for name, column in columns.items() if name not in declared)
            ),
            missing_columns=tuple(c.name for c in self.table.columns if c.source.lower() not in columns),
        )
        finer = [column.name for column in self._used(columns) if column.finer]

        def rows_of(some: Sequence[_Numbered]) -> dict[int, ReadObject]:
            with self._transaction():
                self._find_finer(some, finer)
                return self._rows(some, values, bare, rows)

        return _halved(objects, partial(self._prefetched, rows_of))

    def _prefetched(
        self, read: Callable[[Sequence[_Numbered]], dict[int, ReadObject]], objects: Sequence[_Numbered]
    ) -> dict[int, ReadObject]:
        """Read with DuckDB's prefetching, or without for files whose page offsets mislead it, as AWS DMS writes them."""
        try:
            return read(objects)
        except duckdb.IOException as error:
            if "prefetching" not in str(error):
                raise
        with self._set("disable_parquet_prefetching"):
            return read(objects)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.duck.begin()
        try:
            yield
        except BaseException:
            self.duck.rollback()
            raise
        self.duck.commit()

    def _used(self, columns: Mapping[str, FileColumn]) -> Iterator[FileColumn]:
        for name in (*(column.source.lower() for column in self.table.columns), "dart_filedate"):
            if name in columns:
                yield columns[name]

    def _find_finer(self, objects: Sequence[_Numbered], names: Sequence[str]) -> None:
        """Note the values that are no whole microseconds, which DuckDB does not see."""
        for each in objects if names else ():
            values = finer_values(partial(self.storage.open, self.bucket, each.arrival.stored), names)
            rows = [(each.source, value.row - 1, value.column) for value in values]
            if rows:
                self.duck.executemany("INSERT INTO finer VALUES (?, ?, ?)", rows)

    def _rows(
        self, objects: Sequence[_Numbered], values: Sequence[Value], bare: ReadObject, rows: Mapping[str, int]
    ) -> dict[int, ReadObject]:
        checks = [*values, *self._key_check(values)]
        fits = " AND ".join(check.fits for check in checks if check.fits) or "true"
        items = ", ".join(f"{value.sql} AS {identifier(value.name)}" for value in values)
        files = ", ".join(literal(each.uri) for each in objects)
        file = (
            f"read_parquet([{files}], hive_partitioning = false, file_row_number = true, filename = 'landing file')"
            f' JOIN landing_object ON "landing file" = {URI}'
        )
        self.duck.execute(
            f"INSERT INTO incoming BY NAME SELECT {SOURCE} AS source, file_row_number AS row, dart_filedate AS day, *"
            f" EXCLUDE ({SOURCE}, file_row_number)"
            f" FROM (SELECT {SOURCE}, file_row_number, {items} FROM {file} WHERE {fits})"
        )
        taken = self._taken(objects)
        found = {}
        for each in objects:
            count, first, last = taken.get(each.source, (0, None, None))
            found[each.source] = replace(
                bare,
                arrival=each.arrival,
                rows=rows[each.uri],
                rejected=rows[each.uri] - count,
                first_day=first,
                last_day=last,
            )
        if any(each.rejected for each in found.values()):
            self._reject(checks, file)
        return found

    def _values(self, found: Mapping[str, FileColumn], arrival: Arrival) -> Iterator[Value]:
        """The value of each of the shape's columns, in their order."""
        declared = {column.name: column for column in self.table.columns}
        for name in self.shape.names:
            if name == "op":
                yield operation_value(found.get("op"), arrival.landed, has_key=bool(self.table.key))
            elif name == "dart_filedate":
                edge = None if arrival.landed.is_load else self.edge
                yield day_value(found.get("dart_filedate"), edge)
            elif name == OBJECT and not self.table.key:
                yield Value(name, KEY)
            elif name == ROW and not self.table.key:
                yield Value(name, "file_row_number")
            elif name in declared:
                yield column_value(declared[name], found.get(declared[name].source.lower()))
            else:  # a column that the target schema has no more
                yield Value(name, "NULL")

    def _key_check(self, values: Sequence[Value]) -> Iterator[Value]:
        """The rule that some column of the key has a value."""
        if self.table.key:
            parts = [f"({value.sql}) IS NULL" for value in values if value.name in self.table.key]
            reason = "no column of the key has a value"
            yield Value(", ".join(self.table.key), "", f"NOT ({' AND '.join(parts)})", reason, "'NULL'")

    def _taken(self, objects: Sequence[_Numbered]) -> dict[int, tuple[int, date | None, date | None]]:
        """By source: the number of rows that were taken, and their first and last day."""
        query = f"SELECT source, count(*), min(day), max(day) FROM incoming WHERE {_sources(objects)} GROUP BY source"
        return {
            source: (count, first, last) for source, count, first, last in self.duck.execute(query).fetchall()
        }

    def _reject(self, values: Sequence[Value], file: str) -> None:
        """Note each value that does not fit."""
        for value in values:
            if value.fits:
                self.duck.execute(
                    f"INSERT INTO rejected SELECT {SOURCE}, file_row_number, {literal(value.name)}, {value.kind},"
                    f" {literal(value.wanted)} FROM {file} WHERE NOT ({value.fits})"
                )


def _sources(objects: Sequence[_Numbered]) -> str:
    """The condition that a row came from one of these objects, which have ascending numbers."""
    numbers = sorted(each.source for each in objects)
    between = f"source BETWEEN {numbers[0]} AND {numbers[-1]}"
    if len(numbers) == numbers[-1] - numbers[0] + 1:
        return between
    return f"{between} AND source IN ({', '.join(map(str, numbers))})"


def _halved(
    objects: Sequence[_Numbered], read: Callable[[Sequence[_Numbered]], dict[int, ReadObject]]
) -> dict[int, ReadObject]:
    """Read objects together, or half of them each when one cannot be read."""
    try:
        return read(objects)
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if not is_fault_of_file(error):
            raise
        if len(objects) == 1:
            reason = " ".join(str(error).split())
            return {objects[0].source: ReadObject(objects[0].arrival, unreadable=reason)}
    middle = len(objects) // 2
    return _halved(objects[:middle], read) | _halved(objects[middle:], read)
