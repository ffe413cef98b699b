"""INT96 timestamps, and those with a zone, that hold nanoseconds: refused, because DuckDB would cut them off.

Nanoseconds without a zone are checked in DuckDB, which has a type for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datamart_exec.errors import BadValueError
from datamart_exec.staging.schema import Schema
from datamart_exec.staging.sources import File
from datamart_exec.storage import Storage

BATCH_ROWS = 65_536
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - INT96 has no zone


def refuse_nanoseconds(storage: Storage, schema: Schema, used: Iterable[str]) -> None:
    """Read the used columns that may hold nanoseconds, and refuse the first value that is no whole microsecond."""
    for file in schema.source.files:
        columns = [column for name in sorted(used) if (column := schema.files[file.uri].get(name))]
        if names := [column.name for column in columns if column.finer]:
            _check(storage, file, names)


def _check(storage: Storage, file: File, names: list[str]) -> None:
    """Read INT96 twice: as microseconds, and as nanoseconds modulo 2**64, in which far years wrap around."""
    row = 1
    with storage.open(file.bucket, file.object) as one, storage.open(file.bucket, file.object) as other:
        coarse, fine = (
            pq.ParquetFile(opened, coerce_int96_timestamp_unit=unit).iter_batches(BATCH_ROWS, columns=names)
            for opened, unit in ((one, "us"), (other, "ns"))
        )
        for micros, nanos in zip(coarse, fine, strict=True):
            for name in names:
                _compare(file, name, row, micros.column(name), nanos.column(name))
            row += micros.num_rows


def _compare(file: File, name: str, row: int, micros: Any, nanos: Any) -> None:
    if micros.type.unit == "ns":  # INT64, which pyarrow reads as it is
        micros = pc.floor_temporal(micros, unit="microsecond").cast(pa.timestamp("us", micros.type.tz))
    whole = micros.cast("int64").fill_null(0).to_numpy().view(np.uint64)
    rest = nanos.cast("int64").fill_null(0).to_numpy().view(np.uint64) - whole * np.uint64(1000)
    if not rest.any():
        return
    index = int(np.flatnonzero(rest)[0])
    raise BadValueError(
        f"{file.uri}: column {name.lower()}, row {row + index}: value"
        f" {_shown(int(whole.view(np.int64)[index]))}{int(rest[index]):03} is finer than a microsecond"
    )


def _shown(micros: int) -> str:
    try:
        return f"{EPOCH + timedelta(microseconds=micros):%Y-%m-%d %H:%M:%S.%f}"
    except OverflowError:
        return f"{micros} microseconds from 1970 and nanoseconds "
