"""Random Parquet files through the job's reader and through plain pyarrow: equal rows, or refused, never different."""

from __future__ import annotations

import io
import math
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datamart_exec.arguments import Limits
from datamart_exec.errors import DatamartError
from datamart_exec.staging import engine, nanoseconds, schema, script
from datamart_exec.staging.sources import File, Source
from datamart_exec.staging.translate import translate
from datamart_exec.storage import Storage, StoredObject

EXAMPLES = int(os.environ.get("RANDOM_FILES", "150"))
LIMITS = Limits(5, 1000, 1000, memory_limit_mb=160, threads=1)
READ = "SELECT id, v FROM `fsa-dev-cars`.`t`"
MAX = "SELECT MAX(v) AS v FROM `fsa-dev-cars`.`t`"
EXACT = Context(prec=100)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all times here are UTC

times = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)) | st.datetimes(  # noqa: DTZ001
    datetime(1950, 1, 1),  # noqa: DTZ001
    datetime(2050, 1, 1),  # noqa: DTZ001
)


@st.composite
def decimals(draw: st.DrawFn) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    digits = draw(st.integers(1, 38) | st.sampled_from([18, 19, 38]))
    scale = draw(st.integers(0, digits))
    limit = 10**digits - 1
    values = st.integers(-limit, limit).map(lambda value: Decimal(value).scaleb(-scale, EXACT))
    return pa.decimal128(digits, scale), values


@st.composite
def integers(draw: st.DrawFn) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    kind = draw(st.sampled_from(INTEGERS))
    bits, signed = kind.bit_width, pa.types.is_signed_integer(kind)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return kind, st.integers(low, high)


@st.composite
def timestamps(draw: st.DrawFn) -> tuple[pa.DataType, st.SearchStrategy[Any]]:
    unit: Any = draw(st.sampled_from(["s", "ms", "us", "ns"]))
    zone = draw(st.sampled_from([None, "UTC", "America/Chicago"]))
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    moments = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)) if unit == "ns" else times  # noqa: DTZ001
    counted = moments.map(lambda each: (each - EPOCH) // timedelta(microseconds=1) * per_second // 10**6)
    if unit == "ns" and draw(st.booleans()):
        counted = counted.map(lambda each: each + 1)
    return pa.timestamp(unit, zone), counted


INTEGERS: list[Any] = [
    *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
    *(pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
]
PLAIN: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.string(), st.text(max_size=5)),
    (pa.large_string(), st.text(max_size=5)),
    (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["a", "b"])),
    (pa.bool_(), st.booleans()),
    (pa.float32(), st.floats(width=32)),
    (pa.float64(), st.floats()),
    (pa.date32(), st.dates()),
    (pa.null(), st.none()),
    (pa.list_(pa.int32()), st.lists(st.integers(0, 3), max_size=2)),
    (pa.binary(), st.binary(max_size=3)),
]
columns = decimals() | integers() | timestamps() | st.sampled_from(PLAIN)


@dataclass
class Written:
    """One file: its column `v` (None: it has none), how it is written, and what is in it."""

    values: Any
    path: Path

    @property
    def kind(self) -> pa.DataType | None:
        return None if self.values is None else self.values.type


@st.composite
def files(draw: st.DrawFn) -> list[tuple[Any, dict[str, Any], bool]]:
    """Values and writer of each file; most tables have one type, or two close ones."""
    kinds = draw(st.lists(columns, min_size=1, max_size=2))
    found = []
    for _ in range(draw(st.integers(1, 3))):
        kind, values = draw(st.sampled_from(kinds))
        cells = draw(st.lists(st.none() | values, min_size=1, max_size=6))
        missing = draw(st.integers(0, 9)) == 0
        options = {
            "compression": draw(st.sampled_from(["none", "snappy", "zstd"])),
            "use_dictionary": draw(st.booleans()),
            "data_page_version": draw(st.sampled_from(["1.0", "2.0"])),
            # older versions have no nanoseconds
            "version": "2.6" if "ns" in str(kind) else draw(st.sampled_from(["1.0", "2.4", "2.6"])),
            "row_group_size": draw(st.sampled_from([1, 2, 100])),
            "write_statistics": draw(st.booleans()),
            "use_deprecated_int96_timestamps": draw(st.booleans()),
        }
        array: Any = pa.array(cells, pa.string() if pa.types.is_dictionary(kind) else kind)
        found.append((None if missing else array.cast(kind), options, draw(st.integers(0, 4)) == 0))
    return found


class Local(Storage):
    """Files instead of objects."""

    def open(self, bucket: str, found: StoredObject) -> io.BufferedReader:
        return io.BufferedReader(io.FileIO(found.key))


def write(folder: Path, number: int, values: Any, options: dict[str, Any], *, by_duckdb: bool) -> Written:
    path = folder / f"{number}.parquet"
    rows = 2 if values is None else len(values)
    data: dict[str, Any] = {"id": pa.array([number * 10 + row for row in range(rows)])}
    if values is not None:
        data["v"] = values
    table = pa.table(data)
    if by_duckdb and values is not None and not pa.types.is_null(values.type):
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("written", table)
            connection.execute(f"COPY (SELECT * FROM written) TO '{path}' (FORMAT parquet)")
            table = connection.execute("SELECT * FROM written").to_arrow_table()
            return Written(table.column("v").combine_chunks(), path)
    pq.write_table(table, path, **options)
    return Written(values, path)


def expected(written: list[Written]) -> list[tuple[int, Any]]:
    rows: list[tuple[int, Any]] = []
    for number, each in enumerate(written):
        values = [None, None] if each.values is None else [exact(each.kind, cell) for cell in each.values]
        rows += [(number * 10 + row, value) for row, value in enumerate(values)]
    return rows


def exact(kind: Any, cell: Any) -> Any:
    """A value that equals another one only when nothing was lost, whatever types both have."""
    if not cell.is_valid:
        return None
    if pa.types.is_timestamp(kind):
        nanos = cell.value * {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[kind.unit]
        return ("time", nanos)
    return comparable(cell.as_py())


def comparable(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return ("bool", value) if value is not None else None
    if isinstance(value, (int, Decimal)):
        return ("number", Decimal(value).normalize(EXACT) if value else Decimal(0))
    if isinstance(value, float):
        return ("float", "nan" if math.isnan(value) else repr(value))
    if isinstance(value, datetime):
        return ("time", (value - EPOCH) // timedelta(microseconds=1) * 1000)
    if isinstance(value, date):
        return ("time", (value - EPOCH.date()).days * 86_400 * 10**9)
    return (type(value).__name__, value)


@contextmanager
def opened(written: list[Written]) -> Iterator[Any]:
    """A function that runs a script over the files as the job does, and returns the rows or why it is refused."""
    with engine.open_duckdb(LIMITS) as duck:

        def rows_of(sql: str) -> list[tuple[Any, ...]]:
            parsed = script.parse("S", sql)
            found = tuple(
                File(StoredObject(str(each.path), "", each.path.stat().st_size), str(each.path), None)
                for each in written
            )
            source = schema.read(duck, parsed, Source(parsed.references[0], found, None))
            translation = translate(parsed, [source])
            used = translation.used["source_1"]
            nanoseconds.refuse_nanoseconds(Local(), source, used)
            duck.execute(schema.view(source, used).replace("CREATE TEMP", "CREATE OR REPLACE TEMP", 1))
            return duck.execute(translation.select).fetchall()

        def run(sql: str) -> list[tuple[Any, ...]] | DatamartError:
            try:
                return rows_of(sql)
            except DatamartError as error:
                return error
            except duckdb.InvalidInputException as error:
                return DatamartError(str(error))

        yield run


def must_be_read(written: list[Written]) -> bool:
    """Tables of one ordinary type without a value that is finer or older than what is stored."""
    kinds = {str(each.kind) for each in written if each.kind is not None}
    kind = next((each.kind for each in written if each.kind is not None), None)
    if len(kinds) != 1 or kind is None:
        return False
    return not (
        pa.types.is_timestamp(kind)
        or pa.types.is_list(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_null(kind)
    )


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(files())
def test_rows_are_equal_or_refused(given_files: list[tuple[Any, dict[str, Any], bool]]) -> None:
    with TemporaryDirectory() as folder:
        written = [
            write(Path(folder), number, values, options, by_duckdb=by_duckdb)
            for number, (values, options, by_duckdb) in enumerate(given_files)
        ]
        rows = expected(written)
        with opened(written) as run:
            got = run(READ)
            if isinstance(got, DatamartError):
                assert "column v" in str(got)
                assert not must_be_read(written), got
                return
            assert Counter((key, comparable(value)) for key, value in got) == Counter(rows)
            ((largest,),) = run(MAX)
            assert without_sign(comparable(largest)) == greatest([value for _, value in rows])


def without_sign(value: Any) -> Any:
    """0.0 for -0.0, which is as large."""
    return ("float", "0.0") if value == ("float", "-0.0") else value


def greatest(values: list[Any]) -> Any:
    present = [value for value in values if value is not None]
    if not present or present[0][0] != "float":
        return max(present, default=None)
    if ("float", "nan") in present:
        return ("float", "nan")
    return without_sign(("float", repr(max(float(value) for _, value in present))))
