"""Values of landing objects, property-tested: what is taken equals what the file holds, else the row is rejected.

The oracle is Python's own arithmetic over the values from which the files are made.
"""

from __future__ import annotations

import io
import itertools
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datamart_exec.final_zone.shape import Column, Shape
from datamart_exec.landing.manifest import Arrival
from datamart_exec.landing.object_names import parse_key
from datamart_exec.landing.reading import Reader, ReadObject
from datamart_exec.landing.sql_server_types import parse_type
from datamart_exec.landing.target_schema import TargetColumn, TargetTable
from datamart_exec.storage import Storage, StoredObject

REJECTED = "rejected"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MIN_NS, MAX_NS = -(2**63), 2**63 - 1
BIG = 10**38 - 1
_numbers = itertools.count(1)
few = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


class Disk(Storage):
    """Objects as files of a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def uri(self, bucket: str, key: str) -> str:
        return str(self.root / key.rpartition("/")[2])

    def open(self, bucket: str, found: StoredObject) -> io.BufferedReader:
        return Path(self.uri(bucket, found.key)).open("rb")


@dataclass
class Landing:
    """Reads one column of one file as a declared type."""

    duck: duckdb.DuckDBPyConnection
    disk: Disk

    def read(self, declared: str, column: pa.Array[Any], **options: Any) -> ReadObject:
        key = f"cars/dbo/t/20260601-{next(_numbers)}.parquet"  # no name twice: DuckDB keeps what it has read
        table = pa.table({"v": column, "op": ["I"] * len(column)})
        pq.write_table(table, self.disk.uri("", key), **options)
        kind = parse_type(declared)
        columns = (
            Column("v", kind.duckdb, 1),
            Column("op", "VARCHAR", 2),
            Column("dart_filedate", "DATE", 3),
        )
        target = TargetTable("t", "t", (TargetColumn("V", "v", kind),), (), ())
        reader = Reader(self.duck, self.disk, "", target, Shape(columns, ()), date(2026, 6, 1), None)
        reader.start()
        landed = parse_key(key, "cars/dbo/")
        assert landed
        (read,) = reader.read([Arrival(landed, StoredObject(key, "e", 1))])
        return read

    def values(self, declared: str, column: pa.Array[Any], **options: Any) -> list[Any]:
        """What became of each row: its value, or REJECTED."""
        read = self.read(declared, column, **options)
        assert read.unreadable is None, read.unreadable
        found: list[Any] = [REJECTED] * len(column)
        rows = self.duck.execute("SELECT row, v FROM incoming").to_arrow_table()
        values = _plain(rows.column("v").combine_chunks())
        for row, value in zip(rows.column("row").to_pylist(), values, strict=True):
            found[int(row or 0)] = value
        rejected = {row for (row,) in self.duck.execute("SELECT row FROM rejected").fetchall()}
        assert rejected == {row for row, value in enumerate(found) if value is REJECTED}
        assert read.rejected == len(rejected)
        return found


def _plain(values: pa.Array[Any]) -> list[Any]:
    """Python values without loss: timestamps and times in nanoseconds, dates in days."""
    kind = values.type
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        scale = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[kind.unit]
        return [None if each is None else each * scale for each in values.cast(pa.int64()).to_pylist()]
    if pa.types.is_date(kind):
        return values.cast(pa.int32()).to_pylist()
    return values.to_pylist()


@pytest.fixture(scope="module")
def landing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landing]:
    with duckdb.connect(":memory:", config={"threads": 1}) as duck:
        duck.execute("SET TimeZone = 'UTC'")
        yield Landing(duck, Disk(tmp_path_factory.mktemp("landing")))


def lists(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.none() | values, min_size=1, max_size=12)


def each(values: Sequence[Any], convert: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else convert(value) for value in values]


WHOLE = {
    "bigint": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "smallint": (-(2**15), 2**15 - 1),
    "tinyint": (0, 255),
    "bit": (0, 1),
}
DECIMALS = {
    "decimal(18,4)": (18, 4),
    "money": (19, 4),
    "smallmoney": (10, 4),
    "numeric(5)": (5, 0),
    "decimal(38,10)": (38, 10),
}
edges = st.sampled_from(
    [edge + by for low, high in WHOLE.values() for edge in (low, high) for by in (-1, 0, 1)]
)


def as_number(value: int | Decimal, declared: str) -> Any:
    """What a number becomes, exactly."""
    exact = Decimal(value)
    if declared in WHOLE:
        low, high = WHOLE[declared]
        fits = exact == int(exact) and low <= exact <= high
        return REJECTED if not fits else bool(exact) if declared == "bit" else int(exact)
    precision, scale = DECIMALS[declared]
    scaled = int(exact.scaleb(scale)) if exact.scaleb(scale) == int(exact.scaleb(scale)) else None
    fits = scaled is not None and abs(scaled) < 10**precision
    return Decimal(scaled or 0).scaleb(-scale) if fits else REJECTED


@few
@given(
    lists(st.integers(-(2**63), 2**63 - 1) | edges),
    st.sampled_from([*WHOLE, *DECIMALS]),
    st.sampled_from([8, 16, 32, 64]),
)
def test_integers_of_every_width(
    landing: Landing, values: list[int | None], declared: str, bits: int
) -> None:
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    values = each(values, lambda value: max(low, min(high, value)))
    column = pa.array(values, getattr(pa, f"int{bits}")())
    assert landing.values(declared, column) == each(values, lambda value: as_number(value, declared))


@few
@given(lists(st.integers(0, 2**64 - 1)), st.sampled_from(["bigint", "int", "decimal(38,10)"]))
def test_unsigned_integers(landing: Landing, values: list[int | None], declared: str) -> None:
    assert landing.values(declared, pa.array(values, pa.uint64())) == each(
        values, lambda value: as_number(value, declared)
    )


@few
@given(
    lists(st.integers(-BIG, BIG) | st.integers(-(10**12), 10**12)),
    st.sampled_from([(4, 0), (9, 2), (18, 4), (18, 6), (38, 4), (38, 0), (38, 20)]),
    st.sampled_from([*DECIMALS, "bigint", "int", "smallint", "tinyint"]),
    st.booleans(),
)
def test_decimals_of_every_physical_form(
    landing: Landing, unscaled: list[int | None], size: tuple[int, int], declared: str, as_integer: bool
) -> None:
    precision, scale = size
    values = each(
        unscaled,
        lambda value: Decimal(
            value % 10**precision * (1 if value > 0 else -1) if abs(value) >= 10**precision else value
        ).scaleb(-scale),
    )
    values = each(values, lambda value: value if abs(value.scaleb(scale)) < 10**precision else Decimal(0))
    column = pa.array(values, pa.decimal128(precision, scale))
    found = landing.values(declared, column, store_decimal_as_integer=as_integer)
    assert found == each(values, lambda value: as_number(value, declared))


@few
@given(
    lists(st.floats() | st.integers(-(10**6), 10**6).map(lambda n: n / 100)),
    st.sampled_from(["decimal(18,4)", "int", "float", "real"]),
)
def test_floating_numbers_are_never_another_number(
    landing: Landing, values: list[float | None], declared: str
) -> None:
    for value, found in zip(values, landing.values(declared, pa.array(values, pa.float64())), strict=True):
        if value is None:
            assert found is None
        elif found is not REJECTED:
            assert float(found) == value
        elif declared == "float":
            assert not -float("inf") < value < float("inf")
        elif declared == "decimal(18,4)":
            assert not (abs(value) < 10**6 and round(value, 4) == value)


@few
@given(lists(st.booleans()), st.sampled_from(["bit", "int", "tinyint"]))
def test_booleans(landing: Landing, values: list[bool | None], declared: str) -> None:
    assert landing.values(declared, pa.array(values, pa.bool_())) == values


WRITERS = [(unit, zone, False) for unit in ("ms", "us", "ns") for zone in (None, "UTC")] + [
    ("ns", None, True)
]
POINTS = ["datetime2(7)", "datetime", "smalldatetime", "datetimeoffset(7)", "date"]


@few
@given(
    lists(st.integers(MIN_NS + 10**9, MAX_NS) | st.integers(-(10**9), 10**9).map(lambda s: s * 10**9)),
    st.sampled_from(WRITERS),
    st.sampled_from(POINTS),
    st.sampled_from([1, 1000, 10**6, 10**9, 86_400 * 10**9]),
)
def test_points_in_time(
    landing: Landing, values: list[int | None], writer: tuple[str, str | None, bool], declared: str, step: int
) -> None:
    unit, zone, int96 = writer
    scale = {"ms": 10**6, "us": 1000, "ns": 1}[unit]
    values = each(values, lambda value: value // step * step if value // step * step > MIN_NS else 0)
    values = each(values, lambda value: value // scale * scale)
    raw = pa.array(each(values, lambda value: value // scale), pa.int64())
    column = raw.cast(pa.timestamp(unit, zone))
    found = landing.values(declared, column, use_deprecated_int96_timestamps=int96)
    old = -25_567 * 86_400 * 10**9  # 1900-01-01: INT96 before it may be of another calendar

    def expected(value: int) -> Any:
        if value % (86_400 * 10**9 if declared == "date" else 1000) or (int96 and value < old):
            return REJECTED
        return value // (86_400 * 10**9) if declared == "date" else value

    assert found == each(values, expected)


@few
@given(
    lists(
        st.integers(-(2**31), 2**31 - 1) | st.integers(-719_500, -718_800) | st.integers(2_932_000, 2_933_500)
    )
)
def test_dates_of_the_years_1_to_9999(landing: Landing, values: list[int | None]) -> None:
    column = pa.array(values, pa.int32()).cast(pa.date32())
    first, last = (date.min - date(1970, 1, 1)).days, (date.max - date(1970, 1, 1)).days
    kept = each(values, lambda value: value if first <= value <= last else REJECTED)
    assert landing.values("date", column) == kept
    nanoseconds = each(kept, lambda value: value if value is REJECTED else value * 86_400 * 10**9)
    assert landing.values("datetime2", column) == nanoseconds


@few
@given(
    lists(st.integers(0, 86_400 * 10**9 - 1)),
    st.sampled_from(["ms", "us", "ns"]),
    st.sampled_from([1, 1000, 10**9]),
)
def test_times(landing: Landing, values: list[int | None], unit: str, step: int) -> None:
    scale = {"ms": 10**6, "us": 1000, "ns": 1}[unit]
    values = each(values, lambda value: value // step * step // scale * scale)
    kinds: dict[str, tuple[pa.DataType, pa.DataType]] = {
        "ms": (pa.int32(), pa.time32("ms")),
        "us": (pa.int64(), pa.time64("us")),
        "ns": (pa.int64(), pa.time64("ns")),
    }
    number, kind = kinds[unit]
    column: pa.Array[Any] = pa.array(each(values, lambda value: value // scale), number).cast(kind)
    assert landing.values("time(7)", column) == each(
        values, lambda value: REJECTED if value % 1000 else value
    )


noise = st.sampled_from(
    [
        "",
        " 12",
        "12 ",
        "1e3",
        "0x10",
        "1_000",
        "٣",
        "NaN",
        "+",
        "-",
        ".",
        "12abc",
        "2026-02-30",
        "2026-1-1",
        "24:00:00",
        "9" * 50,
    ]
)


@few
@given(
    lists(
        st.decimals(-(10**20), 10**20, places=6).map(lambda d: f"{d:f}")
        | st.integers(-300, 300).map(str)
        | noise
    ),
    st.sampled_from([*WHOLE, *DECIMALS]),
)
def test_texts_of_numbers(landing: Landing, values: list[str | None], declared: str) -> None:
    if declared == "bit":
        declared = "int"

    def expected(text: str) -> Any:
        with suppress(InvalidOperation):
            if re.fullmatch(r"[+-]?\d+(\.\d*)?", text, re.ASCII):
                return (
                    as_number(Decimal(text), declared)
                    if declared in DECIMALS or "." not in text
                    else REJECTED
                )
        return REJECTED

    assert landing.values(declared, pa.array(values, pa.string())) == each(values, expected)


moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001


def ns(moment: datetime) -> int:
    return (moment.replace(tzinfo=moment.tzinfo or timezone.utc) - EPOCH) // timedelta(microseconds=1) * 1000


@few
@given(
    st.lists(moments, min_size=1, max_size=8), st.sampled_from("T "), st.sampled_from(["", "0", "7"]), noise
)
def test_texts_of_points_in_time(
    landing: Landing, values: list[datetime], mark: str, more: str, bad: str
) -> None:
    texts = [f"{value.isoformat(mark, 'microseconds')}{more}" for value in values]
    found = landing.values("datetime2(7)", pa.array([*texts, bad], pa.string()))
    assert found == [*([REJECTED] * len(values) if more == "7" else map(ns, values)), REJECTED]
    days = [f"{value:%Y}".zfill(4) + f"{value:-%m-%d}" for value in values]
    first = date(1970, 1, 1)
    assert landing.values("date", pa.array([*days, bad])) == [
        *((value.date() - first).days for value in values),
        REJECTED,
    ]
    times = [value.time().isoformat("microseconds") for value in values]
    midnight = [value.replace(year=1970, month=1, day=1) for value in values]
    assert landing.values("time", pa.array([*times, bad])) == [*map(ns, midnight), REJECTED]


@few
@given(st.lists(moments, min_size=1, max_size=8), st.integers(-839, 839), st.sampled_from(["", " "]))
def test_texts_with_an_offset(landing: Landing, values: list[datetime], minutes: int, blank: str) -> None:
    zone = timezone(timedelta(minutes=minutes))
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    texts = [f"{value.isoformat(' ', 'microseconds')}0{blank}{sign}{hours:02}:{rest:02}" for value in values]
    expected = [ns(value.replace(tzinfo=zone)) for value in values]
    first, end = ns(datetime(1, 1, 1)), ns(datetime(9999, 12, 31, 23, 59, 59, 999_999))  # noqa: DTZ001
    assert landing.values("datetimeoffset", pa.array(texts)) == [
        value if first <= value <= end else REJECTED for value in expected
    ]


@few
@given(
    lists(st.text(max_size=12)),
    st.sampled_from(["varchar(5)", "nchar(5)", "nvarchar(max)", "xml", "uniqueidentifier"]),
)
def test_texts_and_their_lengths(landing: Landing, values: list[str | None], declared: str) -> None:
    most = 5 if "5" in declared else 36 if declared == "uniqueidentifier" else 1000
    found = landing.values(declared, pa.array(values, pa.string()))
    assert found == each(values, lambda value: value if len(value) <= most else REJECTED)


@few
@given(
    lists(st.binary(max_size=12)),
    st.sampled_from(["varbinary(5)", "binary(8)", "rowversion", "image", "varbinary(max)"]),
)
def test_binary_values_and_their_lengths(landing: Landing, values: list[bytes | None], declared: str) -> None:
    most = {"varbinary(5)": 5, "binary(8)": 8, "rowversion": 8}.get(declared, 1000)
    found = landing.values(declared, pa.array(values, pa.binary()))
    assert found == each(values, lambda value: value if len(value) <= most else REJECTED)


def test_a_uuid_becomes_its_text(landing: Landing) -> None:
    value = uuid.UUID("6F9619FF-8B86-D011-B42D-00C04FC964FF")
    storage = pa.array([value.bytes, None], pa.binary(16))
    column = pa.ExtensionArray.from_storage(pa.uuid(), storage)
    assert landing.values("uniqueidentifier", column, store_schema=False) == [str(value), None]


@pytest.mark.parametrize(
    ("declared", "column", "reason"),
    [
        ("varchar(10)", pa.array([1]), "column v is bigint, which cannot become varchar"),
        ("int", pa.array([b"1"], pa.binary()), "column v is blob, which cannot become integer"),
        ("date", pa.array([1]), "column v is bigint, which cannot become date"),
        ("bigint", pa.array([[1]]), "which cannot become bigint"),
        (
            "decimal(38,2)",
            pa.array([Decimal("1.00")], pa.decimal256(40, 2)),
            "column v is decimal(40,2), which cannot become",
        ),
    ],
)
def test_types_without_a_cast_are_named(
    landing: Landing, declared: str, column: pa.Array[Any], reason: str
) -> None:
    found = landing.read(declared, column).unreadable
    assert found is not None
    assert reason in found
    assert "correct the type in the target schema" in found
