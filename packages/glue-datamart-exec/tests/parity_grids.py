# ruff: noqa: DTZ001, SIM905, E501 - timestamps without a time zone; values in few lines
"""Edge values for functions: a table per combination of argument types, each a cross product with a key `id`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

TEXTS: list[str | None] = [
    None, "", " ", "  a b  ", "\u00a0nbsp\u00a0", "\ttab\t", "Zürich", "ÀÉÎÕÜŸ", "a'b", 'q"q', "100%", "x_y", "back\\slash",
    "e\u0301", "日本", "😀 smile", "I", "U", "UN", "0", "-0", "line\nbreak", "trail ", "A", "a", "aa", "aaa", "ab", "abab",
    "a-b-c", "-", "--", "-a-", "a--b", "00012", "0.50", "x😀y", "😀😀", "e\u0301e\u0301", "hello world", "HELLO  wORLD",
    "o'neil-mc donald", "a\tb c", "\nA b", "a.b.c", "$1", "\\", "%", "_", "é", "\u200d", "👨\u200d👩\u200d👧", "🇨🇭",
    "e\u0301\u0302x", "a\u0000b", "zz\u00a0 z", "1st 2nd", "a" * 70, "12-34-5678", "(555) 123", "A1B2", "line\r\nend",
    "x\u2028y", "end\n", "ab\ncd\n", "x\u0085", "[a]", "a,b;c", "\u00ad", "ab12ab",
]  # fmt: skip
CASED_TEXTS = [  # what UPPER and LOWER take
    each
    for each in TEXTS
    if each is None or all(ord(letter) < 0x17F and letter not in "\u00b5ß" for letter in each)
]
PARTS = [
    None,
    "",
    " ",
    "a",
    "ab",
    "b",
    "é",
    "e",
    "\u0301",
    "😀",
    "%",
    "_",
    "\\",
    "A",
    "aa",
    "-",
    "--",
    "0",
    "\n",
    "日",
]
COUNTS = [None, -(2**31), -(2**31) + 1, -100, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 100, 2**31 - 1]
SMALL = [None, -5, -1, 0, 1, 2, 7]
INTS = [
    None,
    0,
    1,
    -1,
    2,
    -2,
    3,
    5,
    -5,
    7,
    10,
    14,
    15,
    16,
    25,
    -15,
    -25,
    50,
    100,
    150,
    250,
    2**31 - 1,
    -(2**31),
    1234567,
]
BIGS = [
    None, 0, 1, -1, 2, -3, 5, -5, 15, 25, -25, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 10**18,
    1234567890123456789,
]  # fmt: skip
TAME = [None, 0, 1, -1, 2, -3, 7, 15, -25, 40_000, -46_340]  # their products are INT
DATES = [
    None,
    *(date.fromisoformat(text) for text in (
        "0001-01-01 0001-12-31 0004-02-29 0100-02-28 0100-03-01 0999-12-31 1000-01-01 1582-10-04 1582-10-05 1582-10-14"
        " 1582-10-15 1582-12-31 1600-02-29 1899-12-31 1900-01-01 1900-02-28 1900-03-01 1969-12-31 1970-01-01 1999-12-31"
        " 2000-01-01 2000-02-29 2000-03-01 2004-01-01 2005-01-01 2006-01-01 2008-12-29 2010-01-03 2015-12-31 2016-01-01"
        " 2019-12-30 2020-02-29 2020-03-31 2020-12-31 2021-01-01 2021-01-31 2021-02-28 2021-04-30 2023-01-01 2024-01-30"
        " 2024-01-31 2024-02-28 2024-02-29 2024-03-30 2024-03-31 2024-05-31 2024-09-09 2024-10-10 2024-12-30 2025-01-05"
        " 2025-01-06 2025-08-31 2026-12-01 9999-01-01 9999-12-30 9999-12-31"
    ).split()),
]  # fmt: skip
TIMES = [
    None, datetime(1, 1, 1), datetime(1, 1, 1, 0, 0, 0, 1), datetime(1582, 10, 4, 23, 59, 59, 999999),
    datetime(1582, 10, 15), datetime(1899, 12, 31, 23, 59, 59), datetime(1900, 1, 1),
    datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(1970, 1, 1), datetime(1970, 1, 1, 0, 0, 0, 1),
    datetime(2000, 2, 29, 12, 30, 45, 123456), datetime(2024, 1, 31, 1, 2, 3), datetime(2024, 2, 29, 23, 59, 59, 999999),
    datetime(2024, 3, 30, 0, 0, 0, 500000), datetime(2024, 3, 31, 2, 30), datetime(2024, 12, 30, 5, 5, 5, 50000),
    datetime(2024, 12, 31, 0, 0, 0, 100), datetime(2025, 3, 9, 2, 30), datetime(2025, 3, 1, 13, 0, 0, 120000),
    datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(9999, 12, 31),
]  # fmt: skip
DECIMALS = (
    "0 0.0001 -0.0001 0.0049 0.0050 0.0051 -0.0050 0.5 -0.5 1.5 2.5 -2.5 0.4999 0.4950 0.4450 1.0050 -1.0050 2.6750"
    " 99999999999999.9999 -99999999999999.9999 10000.0000 12345.6789 0.0450 5 15 25 -5 -15 45 50 150 7.1250 100"
)
CENTS = "0 0.01 -0.01 0.05 -0.05 0.15 0.25 0.5 1.5 -2.5 2.45 2.55 99999999.99 -99999999.99 9.99 100"
WHOLE38 = f"0 1 -1 5 15 25 -25 {10**38 - 1} {1 - 10**38}"
FINE = "0 0.000001 0.000005 -0.000005 0.5 1.5 2.499999 9.999999 99999999999999999999.999999"
DOUBLES = [
    None, 0.0, -0.0, 1.5, -1.5, 0.5, -0.5, 2.5, float("nan"), float("inf"), float("-inf"), 1e300, -1e300, 5e-324, 0.1,
    1e15, 1e16, 1 / 3, 2.0,
]  # fmt: skip
WHOLE_DOUBLES = [None, 0.0, -0.0, 1.5, -1.5, 0.5, -0.5, 2.5, 2147483646.9, -2147483648.9, 0.1, 1e9, 1 / 3]
NUMBERS = [
    None, "0", "1", "-1", "+1", "007", "1.5", "-1.5", "1.", "0.5", ".5", "1e3", "1E3", "0.1", "3.14159265358979323846",
    "1e400", "-0", "9007199254740993", "4.35e-5", "5e-324", "1.7976931348623157e308", "12345678.9", "99999.995", "1e-400",
    "123456789012345678901234567890",
]  # fmt: skip
MAYBE = [
    None,
    "",
    "x",
    "abc",
    "NaN",
    "-",
    ".",
    "inf",
    "null",
    "2147483647",
    "-2147483648",
    "2147483648",
    "007",
    "+1",
    "-0",
]
MAYBE_DATES = [
    None,
    "",
    "x",
    "2025-02-29",
    "2024-02-29",
    "2025-13-01",
    "0001-01-01",
    "9999-12-31",
    "now",
    "epoch",
    "N/A",
]
TRUTHS = [None, True, False]

text, i16, i32, i64, f64 = pa.string(), pa.int16(), pa.int32(), pa.int64(), pa.float64()
day, moment, zoned, truth = pa.date32(), pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.bool_()


def crossed(**columns: tuple[pa.DataType, Sequence[Any]]) -> pa.Table:
    """All combinations of the columns' values."""
    rows = list(itertools.product(*(values for _, values in columns.values())))
    data = {
        name: pa.array([row[index] for row in rows], kind)
        for index, (name, (kind, _)) in enumerate(columns.items())
    }
    return pa.table({"id": pa.array(range(len(rows)), i64), **data})


def numbers(written: str) -> list[Decimal | None]:
    return [None, *map(Decimal, written.split())]


d184, d102, d380, d386 = (
    pa.decimal128(18, 4),
    pa.decimal128(10, 2),
    pa.decimal128(38, 0),
    pa.decimal128(38, 6),
)
GRIDS: dict[str, pa.Table] = {
    "texts": crossed(s=(text, TEXTS)),
    "cased": crossed(s=(text, CASED_TEXTS)),
    "pairs": crossed(s=(text, TEXTS), p=(text, PARTS)),
    "triples": crossed(s=(text, TEXTS), p=(text, PARTS), q=(text, PARTS[:9])),
    "counted": crossed(s=(text, TEXTS), n=(i32, COUNTS)),
    "ranges": crossed(s=(text, TEXTS), n=(i32, COUNTS), m=(i32, COUNTS)),
    "searched": crossed(s=(text, TEXTS), p=(text, PARTS), n=(i32, COUNTS)),
    "repeated": crossed(s=(text, TEXTS), n=(i32, SMALL)),
    "ints": crossed(i=(i32, INTS), j=(i32, INTS)),
    "bigs": crossed(i=(i64, BIGS), j=(i64, BIGS)),
    "mixed_ints": crossed(i=(i32, INTS), j=(i64, BIGS)),
    "tame": crossed(i=(i32, TAME), j=(i32, TAME), h=(i16, TAME[:8])),
    "decimals": crossed(d=(d184, numbers(DECIMALS)), e=(d102, numbers(CENTS))),
    "same_decimals": crossed(d=(d184, numbers(DECIMALS)), e=(d184, numbers(DECIMALS))),
    "cents": crossed(d=(d102, numbers(CENTS)), i=(i32, INTS), l=(i64, BIGS[:12])),
    "whole38": crossed(d=(d380, numbers(WHOLE38))),
    "fine": crossed(d=(d386, numbers(FINE))),
    "doubles": crossed(f=(f64, DOUBLES), g=(f64, DOUBLES)),
    "whole_doubles": crossed(f=(f64, WHOLE_DOUBLES)),
    "numbers": crossed(s=(text, NUMBERS)),
    "maybe": crossed(s=(text, MAYBE)),
    "maybe_dates": crossed(s=(text, MAYBE_DATES)),
    "truths": crossed(x=(truth, TRUTHS), y=(truth, TRUTHS), s=(text, [None, "true", "false"])),
    "days": crossed(d=(day, DATES)),
    "shifted": crossed(d=(day, DATES), n=(i32, [None, -400, -13, -12, -1, 0, 1, 2, 11, 12, 13, 400])),
    "day_pairs": crossed(d=(day, DATES), e=(day, DATES)),
    "times": crossed(t=(moment, TIMES)),
    "zoned": crossed(t=(zoned, TIMES)),
    "time_pairs": crossed(t=(moment, TIMES), u=(moment, TIMES)),
    "day_times": crossed(d=(day, DATES[::3]), t=(moment, TIMES)),
    "date_parts": crossed(y=(i32, [None, 1, 2023, 2024, 9999]), m=(i32, [None, 1, 2, 12]), n=(i32, [None, 1, 28])),
    "iso": crossed(s=(text, [None, "2025-03-01", "2024-02-29", "0001-01-01", "9999-12-31", "1582-10-10", "1969-12-31"])),
}  # fmt: skip
