"""What a plain reading of the written values gives. Shares no code with the job."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from random_files.kinds import EPOCH, EXACT
from random_files.writers import Written

NANOS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def expected(written: Iterable[Written], names: Sequence[str]) -> list[tuple[Any, ...]]:
    """The rows of all files with these columns, whose first one all files have."""
    rows: list[tuple[Any, ...]] = []
    for each in written:
        nothing = [None] * len(each.columns[names[0]])
        rows += zip(*(_cells(each.columns.get(name)) or nothing for name in names), strict=True)
    return rows


def _cells(values: Any) -> list[Any] | None:
    return None if values is None else [exact(values.type, cell) for cell in values]


def exact(kind: Any, cell: Any) -> Any:
    """A value that equals another one only when nothing was lost, whatever types both have."""
    if not cell.is_valid:
        return None
    if pa.types.is_timestamp(kind):
        return ("time", cell.value * NANOS[kind.unit])
    return comparable(cell.as_py())


def comparable(value: Any) -> Any:
    """The same for a value of Python."""
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


def without_sign(value: Any) -> Any:
    """0.0 for -0.0, which is as large."""
    return ("float", "0.0") if value == ("float", "-0.0") else value


def must_be_read(arrays: Sequence[Any]) -> bool:
    """Whether these arrays, of one column in several files, are of one ordinary type that the job has to read."""
    if len({str(each.type) for each in arrays}) != 1:  # an absent column has none
        return False
    kind = arrays[0].type
    refusable = (
        pa.types.is_timestamp,
        pa.types.is_nested,
        pa.types.is_binary,
        pa.types.is_null,
        pa.types.is_time,
    )
    return not any(test(kind) for test in refusable)
