"""Random Arrow types, each with a strategy for its values; types of one group have, or may have, a common type."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Context, Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

Kind = tuple[pa.DataType, st.SearchStrategy[Any]]

EXACT = Context(prec=100)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - all times here are UTC
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
INTEGERS: list[Any] = [
    *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
    *(pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()),
]


def between(first: int, last: int) -> st.SearchStrategy[datetime]:
    return st.datetimes(datetime(first, 1, 1), datetime(last, 12, 31))  # noqa: DTZ001


times = between(1, 9999) | between(1950, 2050)


@st.composite
def decimals(draw: st.DrawFn) -> Kind:
    digits = draw(st.integers(1, 38) | st.sampled_from([18, 19, 38]))
    scale = draw(st.integers(0, digits))
    limit = 10**digits - 1
    values = st.integers(-limit, limit) | st.sampled_from([0, limit, -limit])
    return pa.decimal128(digits, scale), values.map(lambda value: Decimal(value).scaleb(-scale, EXACT))


@st.composite
def integers(draw: st.DrawFn) -> Kind:
    kind = draw(st.sampled_from(INTEGERS))
    bits, signed = kind.bit_width, pa.types.is_signed_integer(kind)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return kind, st.integers(low, high) | st.sampled_from([0, 1, low, high])


@st.composite
def timestamps(draw: st.DrawFn) -> Kind:
    unit: Any = draw(st.sampled_from(["s", "ms", "us", "ns"]))
    zone = draw(st.sampled_from([None, "UTC", "America/Chicago"]))
    moments = between(1700, 2200) if unit == "ns" else times
    counted = moments.map(
        lambda each: (each - EPOCH) // timedelta(microseconds=1) * PER_SECOND[unit] // 10**6
    )
    if unit == "ns" and draw(st.booleans()):
        counted = counted.map(lambda each: each + 1)
    return pa.timestamp(unit, zone), counted


FLOATS: list[Kind] = [(pa.float32(), st.floats(width=32)), (pa.float64(), st.floats())]
TEXTS: list[Kind] = [
    (pa.string(), st.text(max_size=5)),
    (pa.large_string(), st.text(max_size=5)),
    (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["a", "b", ""])),
]
DATES: list[Kind] = [(pa.date32(), st.dates())]
PLAIN: list[Kind] = [
    *(*FLOATS, *TEXTS, *DATES),
    (pa.bool_(), st.booleans()),
    (pa.null(), st.none()),
    (pa.list_(pa.int32()), st.lists(st.integers(0, 3), max_size=2)),
    (pa.struct([("x", pa.int32())]), st.fixed_dictionaries({"x": st.integers(0, 3)})),
    (pa.binary(), st.binary(max_size=3)),
    (pa.time64("us"), st.times()),
]
any_kind = decimals() | integers() | timestamps() | st.sampled_from(PLAIN)
groups = st.one_of(
    st.lists(any_kind, min_size=1, max_size=2),
    st.lists(decimals() | integers(), min_size=1, max_size=3),
    st.lists(timestamps() | st.sampled_from(DATES), min_size=1, max_size=2),
    st.lists(st.sampled_from(FLOATS), min_size=1, max_size=2),
    st.lists(st.sampled_from(TEXTS), min_size=1, max_size=2),
)
