"""Random contents of a folder of Parquet files: columns that drift from file to file, writers and their options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from random_files.kinds import Kind, groups

STEP = 10_000  # between the first ids of two files
ONCE = (1,)
SOME_OFTEN = (1, 1, 1, 1, 700)  # often: more than a page of rows, and more than a vector
UNREAD = "unread"  # a column that no script reads
RARE = "brotli"  # Spark does not read it

PYARROW: dict[str, Sequence[Any]] = {
    "compression": [*["none", "snappy", "zstd", "gzip", "lz4"] * 16, RARE],
    "use_dictionary": [True, False],
    "data_page_version": ["1.0", "2.0"],
    "version": ["1.0", "2.4", "2.6"],
    "row_group_size": [1, 2, 100, 5_000],
    "data_page_size": [64, 2**20],
    "write_statistics": [True, False],
    "write_page_index": [True, False],
    "store_decimal_as_integer": [True, False],
    "use_deprecated_int96_timestamps": [False, False, True],
    "encoding": [
        *["plain", "delta"] * 20,
        "split",
    ],  # of what has no dictionary; Spark does not read the last
}
DUCKDB: dict[str, Sequence[Any]] = {
    "compression": [*["uncompressed", "snappy", "gzip", "zstd", "lz4_raw"] * 16, RARE],
    "parquet_version": ["v1", "v2"],
    "row_group_size": [2_048, 122_880],
    "dictionary_size_limit": [1, 1_000_000],
}
SPARK: dict[str, Sequence[Any]] = {
    "spark.sql.parquet.compression.codec": ["none", "snappy", "gzip", "zstd"],
    "spark.sql.parquet.outputTimestampType": ["INT96", "TIMESTAMP_MICROS", "TIMESTAMP_MILLIS"],
    "spark.sql.parquet.datetimeRebaseModeInWrite": ["CORRECTED", "LEGACY"],
    "spark.sql.parquet.int96RebaseModeInWrite": ["CORRECTED", "LEGACY"],
    "spark.sql.parquet.writeLegacyFormat": ["true", "false"],
    "spark.sql.session.timeZone": ["UTC", "UTC", "America/Chicago"],
    "parquet.enable.dictionary": ["true", "false"],
    "parquet.writer.version": ["PARQUET_1_0", "PARQUET_2_0"],
    "parquet.page.size": ["64", "1048576"],
    "files": [1, 2, 3],
}
WRITERS = {"pyarrow": PYARROW, "duckdb": DUCKDB, "spark": SPARK}
PLAIN_NAMES = ("1.parquet", "2.parquet", "3.parquet")
ODD_NAMES = (
    *("LOAD00000001.parquet", "LOAD0000000A.parquet", "20250301-101500123.parquet", "20250301-101500124"),
    *(
        "a b.parquet",
        "a[1].parquet",
        "a*.parquet",
        "a?.parquet",
        "{a,b}.parquet",
        "ü.parquet",
        "a%20b.parquet",
    ),
    *("a+b&c.parquet", "x=1.parquet", "'quoted'.parquet", "UPPER.PARQUET", "a#b.parquet", "$~;,.parquet"),
    *("a.parquet.snappy", "part-00000.parq"),
)


@dataclass(frozen=True)
class Content:
    """One file to be written: its columns by name, and how it is written under which name."""

    columns: Mapping[str, Any]  # Arrow arrays of one length
    writer: str  # a key of WRITERS
    options: Mapping[str, Any]
    name: str


@st.composite
def folders(
    draw: st.DrawFn,
    *,
    columns: Sequence[str] = ("v",),
    writers: Sequence[str] = ("pyarrow", "pyarrow", "pyarrow", "pyarrow", "duckdb"),
    names: Sequence[str] = PLAIN_NAMES,
    repeats: Sequence[int] = ONCE,
    fewest: int = 1,
    most: int = 3,
    unread: bool = False,
) -> list[Content]:
    """The files of one table. Most columns have one type, or a few close ones; a file may lack a column."""
    kinds = {name: draw(groups) for name in columns}
    if unread:
        kinds[UNREAD] = draw(groups)
    chosen = draw(st.lists(st.sampled_from(names), min_size=fewest, max_size=most, unique=True))
    return [draw(_contents(kinds, writers, repeats, number, name)) for number, name in enumerate(chosen)]


@st.composite
def _contents(
    draw: st.DrawFn,
    kinds: Mapping[str, list[Kind]],
    writers: Sequence[str],
    repeats: Sequence[int],
    number: int,
    name: str,
) -> Content:
    writer = draw(st.sampled_from(writers))
    rows, times = draw(st.integers(1, 6)), draw(st.sampled_from(repeats))
    found: dict[str, Any] = {"id": pa.array([number * STEP + row for row in range(rows * times)], pa.int64())}
    for column, choices in kinds.items():
        kind, values = draw(st.sampled_from(choices))
        cells = draw(st.lists(st.none() | values, min_size=rows, max_size=rows))
        if draw(st.integers(0, 9)) != 0:
            spelled = column.upper() if draw(st.integers(0, 9)) == 0 else column
            found[spelled] = array(cells * times, kind)
    options = {key: draw(st.sampled_from(choices)) for key, choices in WRITERS[writer].items()}
    return Content(found, writer, options, name)


def array(cells: Sequence[Any], kind: pa.DataType) -> Any:
    plain: Any = pa.array(cells, pa.string() if pa.types.is_dictionary(kind) else kind)
    return plain.cast(kind)
