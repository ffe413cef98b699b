"""One checksum per column: computed over the Arrow batches that are sent, and by Postgres over the rows it stored.

A checksum is the sum over all rows, modulo 2**64, of the 32-bit hash that Postgres uses in hash joins; for decimals,
of the value itself plus the number of values that are not NULL. A swapped column, a reinterpreted type, and a changed,
lost or repeated value (NULL too) change a sum. A long text counts with the hash of its SHA-256, because Postgres' hash
takes many small steps in numpy. It costs Postgres one scan of the new rows, shared between workers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datamart_exec.errors import DatamartError
from datamart_exec.session import Connection
from datamart_exec.staging import postgres_hash
from datamart_exec.staging.cast import identifier

if TYPE_CHECKING:
    Column = pa.Array[pa.Scalar[Any]]
Word = TypeVar("Word", bound=np.generic)
MODULUS = 1 << 64
WORKERS = 4  # parallel workers of the scan; the server uses fewer for small tables and on busy machines
COUNT_FACTOR = (
    0x9E3779B97F4A7C15  # spreads the number of values over the 64 bits, so that a sum cannot hide it
)
LONG = 4096  # bytes; a longer text is hashed through its SHA-256
EPOCH_2000 = 946_684_800_000_000  # microseconds from 1970 to Postgres' zero


@dataclass(frozen=True, slots=True)
class Checksums:
    """Rows, one checksum per column, and the positions of the columns with long texts."""

    rows: int
    columns: tuple[int, ...]
    long_texts: frozenset[int] = frozenset()


class ChecksumCounter:
    """Sums up the checksums of one load, batch by batch."""

    def __init__(self, schema: pa.Schema) -> None:
        self.rows = 0
        self.sums = [0] * len(schema)
        self.long_texts: set[int] = set()

    def add(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        for index, column in enumerate(batch.columns):
            if pa.types.is_string(column.type):
                column, digests = _without_long_texts(column)
                if len(digests):
                    self.long_texts.add(index)
                    self.sums[index] += _sum(digests)
            self.sums[index] += _sum(column)

    def result(self) -> Checksums:
        return Checksums(self.rows, tuple(total % MODULUS for total in self.sums), frozenset(self.long_texts))


def stored(
    postgres: Connection, table: str, schema: pa.Schema, long_texts: frozenset[int] = frozenset()
) -> Checksums:
    """Row count and checksums of what Postgres holds in the table; `long_texts` are the columns that hold some."""
    items = [
        item
        for index, field in enumerate(schema)
        for item in (_total(field, long_texts=index in long_texts), _values(field))
    ]
    query = f"SELECT count(*), {', '.join(items)} FROM {table}"  # noqa: S608 - names are quoted
    postgres.execute("SELECT set_config('max_parallel_workers_per_gather', %s, true)", (str(WORKERS),))
    rows, *found = postgres.execute(query.encode()).fetchall()[0]
    columns = zip(found[::2], found[1::2], strict=True)
    return Checksums(
        rows, tuple((int(total or 0) + COUNT_FACTOR * values) % MODULUS for total, values in columns)
    )


def compare(table: str, schema: pa.Schema, sent: Checksums, found: Checksums) -> None:
    """Raise `DatamartError` that names count or columns when Postgres does not hold what was sent."""
    problems = [f"{found.rows} rows instead of {sent.rows}"] if sent.rows != found.rows else []
    pairs = zip(schema.names, sent.columns, found.columns, strict=True)
    problems += [f"column {name} has another checksum" for name, one, other in pairs if one != other]
    if problems:
        raise DatamartError(
            f"{table} does not hold what was sent: {'; '.join(problems)}; nothing was changed,"
            " look for triggers or rules on the table"
        )


def _total(field: pa.Field[Any], *, long_texts: bool) -> str:
    column, kind = identifier(field.name), field.type
    if pa.types.is_decimal(kind):
        return f"sum({column}) * 1e{kind.scale}" if kind.scale else f"sum({column})"
    if pa.types.is_string(kind):
        if long_texts:
            digest = f"encode(sha256(convert_to({column}, 'UTF8')), 'hex')"
            column = f"CASE WHEN octet_length({column}) > {LONG} THEN {digest} ELSE {column} END"
        return f"sum(hashtext({column}))"
    if pa.types.is_timestamp(kind):
        return f"sum(timestamp_hash({column}))"
    if pa.types.is_float64(kind):
        return f"sum(hashfloat8({column}))"
    if pa.types.is_int64(kind):
        return f"sum(hashint8({column}))"
    value = f"{column} - date '1970-01-01'" if pa.types.is_date32(kind) else f"{column}::int"
    return f"sum(hashint4({value}))"


def _values(field: pa.Field[Any]) -> str:
    return f"count({identifier(field.name)})" if pa.types.is_decimal(field.type) else "0"


def _sum(column: Column) -> int:
    present = column.drop_null() if column.null_count else column
    if not len(present):
        return 0
    if pa.types.is_decimal(column.type):
        low = _words(present, np.uint64, 2)[
            ::2
        ]  # 128 bits, little-endian; the sum modulo 2**64 needs the lower half
        return int(low.sum(dtype=np.uint64)) + COUNT_FACTOR * len(present)
    return int(_hashes(present).sum(dtype=np.int64))


def _without_long_texts(column: Column) -> tuple[Column, Column]:
    """The texts that are not long, and the digests of those that are."""
    texts: Any = column
    is_long: Any = pc.greater(pc.binary_length(texts), pa.scalar(LONG))
    if not pc.any(is_long).as_py():
        return column, column.slice(0, 0)
    digests = [hashlib.sha256(text.as_buffer()).hexdigest() for text in texts.filter(is_long)]
    return texts.filter(pc.invert(is_long)), pa.array(digests, pa.string())


def _hashes(column: Column) -> npt.NDArray[np.int64]:
    """The hash of each value of a column without NULL."""
    kind = column.type
    if pa.types.is_string(kind):
        ends = _buffer(column, 1, np.int32)[column.offset : column.offset + len(column) + 1]
        octets = _buffer(column, 2, np.uint8)[int(ends[0]) : int(ends[-1])]
        return postgres_hash.hash_texts(ends - ends[:1], octets)
    if pa.types.is_float64(kind):
        return postgres_hash.hash_doubles(_words(column, np.float64))
    if pa.types.is_timestamp(kind):
        return postgres_hash.hash_longs(_words(column, np.int64) - EPOCH_2000)
    if pa.types.is_int64(kind):
        return postgres_hash.hash_longs(_words(column, np.int64))
    if pa.types.is_date32(kind) or pa.types.is_int32(kind):
        return postgres_hash.hash_longs(_words(column, np.int32).astype(np.int64))
    return postgres_hash.hash_longs(column.cast(pa.int64()).to_numpy())


def _words(column: Column, kind: type[Word], per_value: int = 1) -> npt.NDArray[Word]:
    """The machine words of a column without NULL."""
    return _buffer(column, 1, kind)[column.offset * per_value : (column.offset + len(column)) * per_value]


def _buffer(column: Column, index: int, kind: type[Word]) -> npt.NDArray[Word]:
    buffer = column.buffers()[index]
    return np.zeros(0, dtype=kind) if buffer is None else np.frombuffer(memoryview(buffer), dtype=kind)
