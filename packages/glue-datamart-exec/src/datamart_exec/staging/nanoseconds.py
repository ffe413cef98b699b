"""INT96 timestamps, those with a zone, and times that hold nanoseconds: found, because DuckDB would cut them off.

Nanoseconds without a zone are checked in DuckDB, which has a type for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, BinaryIO

import numpy as np
import pyarrow.parquet as pq

from datamart_exec.errors import BadValueError
from datamart_exec.staging.schema import Schema
from datamart_exec.storage import Storage

BATCH_ROWS = 65_536
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - INT96 has no zone


@dataclass(frozen=True, slots=True)
class Finer:
    """A value that is no whole microsecond: its column and row (from 1), microseconds since 1970, and what is left."""

    column: str
    row: int
    micros: int
    nanos: int


def refuse_nanoseconds(storage: Storage, schema: Schema, used: Iterable[str]) -> None:
    """Read the used columns that may hold nanoseconds, and refuse the first value that is no whole microsecond."""
    for file in schema.source.files:
        columns = [column for name in sorted(used) if (column := schema.files[file.uri].get(name))]
        names = [column.name for column in columns if column.finer]
        for found in finer_values(partial(storage.open, file.bucket, file.object), names):
            raise BadValueError(
                f"{file.uri}: column {found.column.lower()}, row {found.row}: value"
                f" {_shown(found.micros)}{found.nanos:03} is finer than a microsecond"
            )


def finer_values(opened: Callable[[], BinaryIO], names: Sequence[str]) -> Iterator[Finer]:
    """The values of these columns that are no whole microseconds, block by block. `opened` opens the file.

    INT96 is read twice: as microseconds, and as nanoseconds modulo 2**64, in which far years wrap around.
    """
    if not names:
        return
    row = 1
    with opened() as one, opened() as other:
        coarse, fine = (
            pq.ParquetFile(file, coerce_int96_timestamp_unit=unit).iter_batches(
                BATCH_ROWS, columns=list(names)
            )
            for file, unit in ((one, "us"), (other, "ns"))
        )
        for micros, nanos in zip(coarse, fine, strict=True):
            for name in names:
                yield from _compare(name, row, micros.column(name), nanos.column(name))
            row += micros.num_rows


def _compare(name: str, row: int, micros: Any, nanos: Any) -> Iterator[Finer]:
    whole = micros.cast("int64").fill_null(0).to_numpy()
    if micros.type.unit == "ns":  # INT64, which pyarrow reads as it is
        whole = whole // 1000
    rest = nanos.cast("int64").fill_null(0).to_numpy().view(np.uint64) - whole.view(np.uint64) * np.uint64(
        1000
    )
    for index in np.flatnonzero(rest):
        yield Finer(name, row + int(index), int(whole[index]), int(rest[index]))


def _shown(micros: int) -> str:
    try:
        return f"{EPOCH + timedelta(microseconds=micros):%Y-%m-%d %H:%M:%S.%f}"
    except OverflowError:
        return f"{micros} microseconds from 1970 and nanoseconds "
