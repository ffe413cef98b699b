"""Quality of the rows that a landing took: counts, NULLs, extremes and distinct values of each column and day.

The changes of a day arrive in batches, whose numbers add up; a full load is measured as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from statistics import median
from typing import Any

import duckdb

from datamart_exec.final_zone.shape import Shape
from datamart_exec.staging.cast import identifier

SHOWN = 200  # characters of a minimum or maximum
CHECKED_DAYS = 10  # the last ones of a batch
COMPARED_DAYS = 7  # before each
FEWEST_DAYS, FEWEST_ROWS = 3, 20  # below, nothing is compared
TIMES, POINTS = 3.0, 0.2  # a jump of rows, and of a share


@dataclass(frozen=True, slots=True)
class ColumnQuality:
    """One column in the rows of one day; `values` counts the operations, for the column op alone."""

    day: date
    is_load: bool
    column: str
    rows: int
    nulls: int
    low: str | None = None
    high: str | None = None
    distinct: int = 0  # an estimate
    values: Mapping[str, int] = field(default_factory=dict)


def measure(
    duck: duckdb.DuckDBPyConnection, shape: Shape, loads: Mapping[date, Sequence[int]]
) -> list[ColumnQuality]:
    """Measure the table `incoming` in one pass. `loads` names the sources of each full load by its day."""
    sources = [f"({source}, DATE '{day}')" for day, numbers in loads.items() for source in numbers]
    load = f"(VALUES {', '.join(sources or ['(-1, NULL::DATE)'])}) AS l(source, load_day)"
    items = ", ".join(_aggregates(identifier(column.name)) for column in shape.columns)
    rows = duck.execute(
        f"SELECT coalesce(l.load_day, i.day), l.load_day IS NOT NULL, count(*), histogram(op), {items}"
        f" FROM incoming i LEFT JOIN {load} ON l.source = i.source GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [
        ColumnQuality(
            day, is_load, name, count, count - filled, low, high, distinct, operations if name == "op" else {}
        )
        for day, is_load, count, operations, *values in rows
        for name, (filled, low, high, distinct) in zip(shape.names, _fours(values), strict=True)
    ]


def _aggregates(column: str) -> str:
    low, high = (f"left(CAST({name}(i.{column}) AS VARCHAR), {SHOWN})" for name in ("min", "max"))
    return f"count(i.{column}), {low}, {high}, approx_count_distinct(i.{column})"


def _fours(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), 4):
        yield values[start : start + 4]


def totals(parts: Sequence[ColumnQuality]) -> list[ColumnQuality]:
    """The numbers of all batches of a day and column as one. Extremes and distinct values are left out."""
    found: dict[tuple[date, bool, str], ColumnQuality] = {}
    for part in parts:
        at = (part.day, part.is_load, part.column)
        whole = found.get(at, replace(part, rows=0, nulls=0, low=None, high=None, distinct=0, values={}))
        values = dict(Counter(whole.values) + Counter(part.values))
        found[at] = replace(whole, rows=whole.rows + part.rows, nulls=whole.nulls + part.nulls, values=values)
    return [found[at] for at in sorted(found)]


def jumps(measured: Sequence[ColumnQuality], whole: Sequence[ColumnQuality]) -> list[str]:
    """What differs from earlier days in the last days of a batch; `whole` are the totals of these and of earlier days."""
    warnings: list[str] = []
    for is_load in (False, True):
        columns: dict[str, list[ColumnQuality]] = {}
        for each in whole:
            if each.is_load == is_load:
                columns.setdefault(each.column, []).append(each)
        days = sorted({each.day for each in measured if each.is_load == is_load})[-CHECKED_DAYS:]
        for day in days:
            warnings += _of_day(day, columns)
    return warnings


def _of_day(day: date, columns: Mapping[str, Sequence[ColumnQuality]]) -> Iterator[str]:
    for name, history in columns.items():
        now = [each for each in history if each.day == day]
        before = [each for each in history if each.day < day][-COMPARED_DAYS:]
        if not now or len(before) < FEWEST_DAYS:
            continue
        if name == "op":
            yield from _rows(now[0], before)
            yield from _operations(now[0], before)
        elif sum(each.rows for each in before) >= FEWEST_ROWS and now[0].rows >= FEWEST_ROWS:
            yield from _nulls(now[0], before)


def _rows(now: ColumnQuality, before: Sequence[ColumnQuality]) -> Iterator[str]:
    usual = median(each.rows for each in before)
    if max(usual, now.rows) >= FEWEST_ROWS and not usual / TIMES <= now.rows <= usual * TIMES:
        yield f"{_what(now)}: {now.rows} rows, {usual:g} is the median of the {len(before)} days before"


def _operations(now: ColumnQuality, before: Sequence[ColumnQuality]) -> Iterator[str]:
    earlier = sum((Counter(each.values) for each in before), Counter())
    if not earlier or now.rows < FEWEST_ROWS or earlier.total() < FEWEST_ROWS:
        return
    for name in sorted({*earlier, *now.values}):
        share, usual = now.values.get(name, 0) / now.rows, earlier[name] / earlier.total()
        if abs(share - usual) >= POINTS or not earlier[name]:
            yield f"{_what(now)}: {share:.0%} of the rows have op {name}, {usual:.0%} in the {len(before)} days before"


def _nulls(now: ColumnQuality, before: Sequence[ColumnQuality]) -> Iterator[str]:
    share, usual = (
        now.nulls / now.rows,
        sum(each.nulls for each in before) / sum(each.rows for each in before),
    )
    if abs(share - usual) >= POINTS:
        yield (
            f"{_what(now)}: {now.column} is NULL in {share:.0%} of the rows,"
            f" {usual:.0%} in the {len(before)} days before"
        )


def _what(now: ColumnQuality) -> str:
    return f"{'full load' if now.is_load else 'changes'} of {now.day}"
