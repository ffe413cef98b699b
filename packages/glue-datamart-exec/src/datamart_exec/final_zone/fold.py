"""The fold of changes into rows: which row a key has at the end of a day.

The order of changes is day, then sequence within the day (file and row). The last change up to the day decides: `D`
leaves no row, anything else is the row. A key without any change up to the day has the row of the base: the state before
the oldest day of the change zone, or a full load's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from datamart_exec.final_zone.shape import Shape, columns


@dataclass(frozen=True, slots=True)
class Base:
    """Rows that changes are applied to from `first_day` on (None: from the oldest day on), in data files."""

    first_day: date | None
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Folds the changes of the keys in the table `affected`: its key columns, and `first_day`, from which on the
    key's row can differ from what the states hold now."""

    duck: duckdb.DuckDBPyConnection
    shape: Shape

    def collect(self, changes: str) -> None:
        """Keep each key's last change of each day. `changes` is a query: `day`, `sequence` and the shape's columns."""
        key = columns(self.shape.key, "c")
        self.duck.execute(
            f"CREATE OR REPLACE TEMP TABLE winner AS SELECT {key}, c.day, max(c.sequence) AS sequence"
            f" FROM ({changes}) c SEMI JOIN affected a ON {self.shape.same_key('c', 'a')} GROUP BY ALL"
        )
        self.duck.execute(
            f"CREATE OR REPLACE TEMP TABLE last_change AS SELECT c.day, {self.shape.list('c')}"
            f" FROM ({changes}) c SEMI JOIN winner w ON c.day = w.day AND c.sequence = w.sequence"
        )

    def state(self, day: date, base: Base | None) -> str:
        """The name of a table that has, for each affected key, its row at the end of a day, and `present`."""
        shape, first_day = self.shape, base.first_day if base else None
        since = f"AND day >= DATE '{first_day}'" if first_day else ""
        key = columns(shape.key)
        self.duck.execute(
            "CREATE OR REPLACE TEMP TABLE wanted AS"
            f" WITH latest AS (SELECT {key}, max(day) AS day FROM winner WHERE day <= DATE '{day}' {since} GROUP BY ALL)"
            f" SELECT {self._columns()}, c.day IS NOT NULL AND c.op IS DISTINCT FROM 'D' AS present,"
            " c.day IS NOT NULL AS decided"
            f" FROM affected a LEFT JOIN latest l ON {shape.same_key('l', 'a')}"
            f" LEFT JOIN last_change c ON {shape.same_key('c', 'a')} AND c.day = l.day"
            f" WHERE a.first_day <= DATE '{day}'"
        )
        if base and base.paths:
            self._fill(base.paths)
        return "wanted"

    def _columns(self) -> str:
        """The shape's columns: those of the key from `affected`, the others from the change."""
        return ", ".join(columns([name], "a" if name in self.shape.key else "c") for name in self.shape.names)

    def _fill(self, paths: Sequence[str]) -> None:
        """Give keys that no change decided the row of the base."""
        ((undecided,),) = self.duck.execute("SELECT count(*) FROM wanted WHERE NOT decided").fetchall()
        if not undecided:
            return
        shape = self.shape
        self.duck.execute(
            f"CREATE OR REPLACE TEMP TABLE base_row AS SELECT {shape.list('f')} FROM {shape.read(paths)} f"
            f" SEMI JOIN (FROM wanted WHERE NOT decided) w ON {shape.same_key('f', 'w')}"
        )
        self.duck.execute(f"DELETE FROM wanted w USING base_row b WHERE {shape.same_key('b', 'w')}")
        self.duck.execute(f"INSERT INTO wanted SELECT {shape.list()}, true, true FROM base_row")
