"""What a full load changed: the difference between the state before its day and its rows, as rows of the change zone.

Vanished rows are deletes, new ones inserts, others updates, so that readers of changes follow a full load too. The part
is derived from two states and is written again when one of them changes.
"""

from __future__ import annotations

from datetime import date

import duckdb

from datamart_exec.final_zone.shape import Shape, columns, same
from datamart_exec.final_zone.states import Known

UNCOMPARED = ("op", "dart_filedate")  # they differ in every load


def differences(shape: Shape, known: Known, day: date) -> str | None:
    """The query of a full load's differences in key order; None when there was no state before it."""
    before, load = known.before(day), known.loads.get(day)
    if before is None or load is None:
        return None
    old, new = (shape.rows_of([file.file_path for file in each.files]) for each in (before, load))
    compared = [name for name in shape.names if name not in UNCOMPARED]
    left = columns([name for name in shape.names if name not in UNCOMPARED], "o")
    right = columns(compared, "n")
    at = f"DATE '{day}' AS dart_filedate"
    key = shape.same_key("o", "n")
    found = (
        f"SELECT {left}, 'D' AS op, {at} FROM {old} o ANTI JOIN {new} n ON {key}"
        f" UNION ALL SELECT {right}, 'I' AS op, {at} FROM {new} n ANTI JOIN {old} o ON {key}"
        f" UNION ALL SELECT {right}, 'U' AS op, {at} FROM {new} n JOIN {old} o ON {key}"
        f" WHERE NOT ({same(compared, 'o', 'n')})"
    )
    return f"SELECT {shape.list()} FROM ({found}) ORDER BY {columns(shape.key)}"


def count(duck: duckdb.DuckDBPyConnection, query: str) -> int:
    """The number of rows of a query."""
    ((rows,),) = duck.execute(f"SELECT count(*) FROM ({query})").fetchall()
    return int(rows)
