"""One checksum per column: on the Arrow side while loading, and by Postgres over the rows it stored.

It is a sum over the rows, modulo 2**64: of the value itself where Postgres adds such values fast (numbers, dates,
booleans), else of the 32-bit hash that Postgres uses in hash joins (text, timestamps, floats). The number of values
that are not NULL goes with it. A swapped column, a reinterpreted type, a changed, lost or repeated value shows; the
whole costs Postgres one scan, which it may share between workers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from datamart_exec.errors import DatamartError
from datamart_exec.session import Connection
from datamart_exec.staging import lookup3
from datamart_exec.staging.cast import identifier

if TYPE_CHECKING:
    Column = pa.Array[pa.Scalar[Any]]
Word = TypeVar("Word", bound=np.generic)
MODULUS = 1 << 64
WORKERS = 4  # that may share the scan; the server gives fewer to small tables and busy machines
EPOCH_2000 = 946_684_800_000_000  # microseconds from 1970 to Postgres' zero


@dataclass(frozen=True, slots=True)
class Sums:
    """Rows, and per column its checksum and how many of its values are not NULL."""

    rows: int
    columns: tuple[tuple[int, int], ...]


class Counter:
    """Adds up the batches of one load."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.rows = 0
        self.sums = [0] * len(schema)
        self.values = [0] * len(schema)

    def add(self, batch: pa.RecordBatch) -> None:
        self.rows += batch.num_rows
        for index, column in enumerate(batch.columns):
            self.values[index] += len(column) - column.null_count
            self.sums[index] += _sum(column)

    def result(self) -> Sums:
        pairs = zip(self.sums, self.values, strict=True)
        return Sums(self.rows, tuple((total % MODULUS, count) for total, count in pairs))


def stored(conn: Connection, table: str, schema: pa.Schema) -> Sums:
    """What Postgres holds in the table now."""
    items = [f"sum({_expression(field)}), count({identifier(field.name)})" for field in schema]
    query = f"SELECT count(*), {', '.join(items)} FROM {table}"  # noqa: S608 - names are quoted
    conn.execute("SELECT set_config('max_parallel_workers_per_gather', %s, true)", (str(WORKERS),))
    rows, *rest = conn.execute(query.encode()).fetchall()[0]
    pairs = zip(rest[::2], rest[1::2], strict=True)
    columns = tuple(
        (_unscaled(total, field.type) % MODULUS, count)
        for (total, count), field in zip(pairs, schema, strict=True)
    )
    return Sums(rows, columns)


def compare(table: str, schema: pa.Schema, sent: Sums, found: Sums) -> None:
    """Raise, naming count and columns, when Postgres holds something else than was sent."""
    problems = list(_differences(schema, sent, found))
    if problems:
        raise DatamartError(
            f"{table} does not hold what was sent: {'; '.join(problems)}; nothing was changed."
            " look for triggers or rules on the table"
        )


def _differences(schema: pa.Schema, sent: Sums, found: Sums) -> Iterator[str]:
    if sent.rows != found.rows:
        yield f"{found.rows} rows instead of {sent.rows}"
    for name, (total, count), (stored_total, stored_count) in zip(
        schema.names, sent.columns, found.columns, strict=True
    ):
        if count != stored_count:
            yield f"column {name} has {stored_count} values instead of {count}"
        elif total != stored_total:
            yield f"column {name} has another checksum"


def _expression(field: pa.Field[Any]) -> str:
    column, kind = identifier(field.name), field.type
    if pa.types.is_string(kind):
        return f"hashtext({column})"
    if pa.types.is_timestamp(kind):
        return f"timestamp_hash({column})"
    if pa.types.is_float64(kind):
        return f"hashfloat8({column})"
    if pa.types.is_date32(kind):
        return f"{column} - date '1970-01-01'"
    return f"{column}::int" if pa.types.is_boolean(kind) else column


def _unscaled(total: object, kind: pa.DataType) -> int:
    if total is None:
        return 0
    scale = kind.scale if pa.types.is_decimal(kind) else 0
    return int(total.scaleb(scale)) if scale else int(total)  # type: ignore[attr-defined, call-overload]


def _sum(column: Column) -> int:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return int(pc.sum(column).as_py() or 0)
    present = column.drop_null() if column.null_count else column
    if not len(present):
        return 0
    if pa.types.is_date32(kind):
        return int(pc.sum(present.view(pa.int32())).as_py())
    if pa.types.is_decimal(kind):
        return int(_words(present, np.uint64, 2)[::2].sum(dtype=np.uint64))
    return int(_hashes(present).sum(dtype=np.int64))


def _hashes(column: Column) -> npt.NDArray[np.int64]:
    if pa.types.is_timestamp(column.type):
        return lookup3.of_longs(_words(column, np.int64) - EPOCH_2000)
    if pa.types.is_float64(column.type):
        return lookup3.of_doubles(_words(column, np.float64))
    ends = _buffer(column, 1, np.int32)[column.offset : column.offset + len(column) + 1]
    octets = _buffer(column, 2, np.uint8)[int(ends[0]) : int(ends[-1])]
    return lookup3.of_texts(ends - ends[:1], octets)


def _words(column: Column, kind: type[Word], per_value: int = 1) -> npt.NDArray[Word]:
    """The machine words of a column without NULL."""
    return _buffer(column, 1, kind)[column.offset * per_value : (column.offset + len(column)) * per_value]


def _buffer(column: Column, index: int, kind: type[Word]) -> npt.NDArray[Word]:
    buffer = column.buffers()[index]
    return np.zeros(0, dtype=kind) if buffer is None else np.frombuffer(memoryview(buffer), dtype=kind)
