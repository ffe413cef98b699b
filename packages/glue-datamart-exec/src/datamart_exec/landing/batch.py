"""What one run brings to one table: rows that arrived, rows that leave, full loads; as tables and queries of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa

from datamart_exec.final_zone.shape import Shape, columns
from datamart_exec.landing.change_zone import ChangeZone
from datamart_exec.landing.object_names import Landed


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows that arrived stand in the DuckDB table `incoming`: `source` (a number in `arrived`), `row` in the object
    from 0, `day`, and the shape's columns. `leaving` names the objects whose rows in the change zone count no more:
    withdrawn ones, and those that arrived (again)."""

    duck: duckdb.DuckDBPyConnection
    shape: Shape
    zone: ChangeZone
    arrived: Sequence[Landed]
    leaving: frozenset[str]
    loads: Mapping[
        date, Sequence[int]
    ]  # sources of full loads in order, by the day they start; none: withdrawn

    def find_affected(self) -> date | None:
        """Fill `affected`: each key whose row can differ from now on, with its first day. The first of all, if any."""
        queries = [f"SELECT day, {self._key()} FROM incoming WHERE source NOT IN ({self._load_sources()})"]
        if rows := self.zone.rows_of(self.leaving):
            queries.append(f"SELECT day, {self._key()} FROM ({rows})")
        if self.loads and (rows := self.zone.rows(self.leaving)):
            queries.append(f"SELECT day, {self._key()} FROM ({rows}) WHERE day >= DATE '{min(self.loads)}'")
        self.duck.execute(
            f"CREATE OR REPLACE TEMP TABLE affected AS SELECT {self._key()}, min(day) AS first_day"
            f" FROM ({' UNION ALL '.join(queries)}) GROUP BY ALL"
        )
        ((first,),) = self.duck.execute("SELECT min(first_day) FROM affected").fetchall()
        return min([*([first] if first else []), *self.loads], default=None)

    def changes(self, first: date) -> str:
        """The query of all changes that can decide an affected key's row: those that stay, and those that arrived."""
        # a key that only got rows has one on its first day; one that lost rows may go back to an earlier day
        loses = any(part.ranges(self.leaving) for part in self.zone.parts)
        days = None if loses else [part.day for part in self.zone.parts if part.day >= first]
        stay = self.zone.rows(self.leaving, days)
        self._number_incoming()
        arrived = self.arrived_rows()
        return f"{stay} UNION ALL {arrived}" if stay else arrived

    def arrived_rows(self, day: date | None = None) -> str:
        """The query of the changes that arrived, of one day or of all: `day`, `sequence` and the shape's columns."""
        only = f" WHERE i.day = DATE '{day}'" if day else ""
        return (
            f"SELECT i.day, s.first + i.row AS sequence, {self.shape.list('i')} FROM incoming i"
            f" JOIN incoming_sequence s ON s.day = i.day AND s.source = i.source{only}"
        )

    def counts(self) -> list[tuple[date, int, int]]:
        """Day, source and number of rows of the changes that arrived, in order."""
        query = (
            f"SELECT day, source, count(*) FROM incoming WHERE source NOT IN ({self._load_sources()})"
            " GROUP BY ALL ORDER BY day, source"
        )
        return self.duck.execute(query).fetchall()

    def load_rows(self, day: date) -> str:
        """The query of a full load's rows; of a key that stands there twice, the last row."""
        sources = list(self.loads[day])
        return (
            f"SELECT {self.shape.list()} FROM incoming WHERE list_contains({sources}, source) QUALIFY row_number()"
            f" OVER (PARTITION BY {self._key()} ORDER BY list_position({sources}, source) DESC, row DESC) = 1"
        )

    def days(self) -> list[date]:
        """The days of the changes that arrived, and of full loads."""
        return sorted({day for day, _, _ in self.counts()} | set(self.loads))

    def _number_incoming(self) -> None:
        """`incoming_sequence`: the sequence number of each object's first row on each of its days."""
        rows = list(self._first_sequences())
        numbers = pa.table(
            {
                "day": pa.array([day for day, _, _ in rows], pa.date32()),
                "source": pa.array([source for _, source, _ in rows], pa.int32()),
                "first": pa.array([Decimal(first) for _, _, first in rows], pa.decimal128(38)),
            }
        )
        self.duck.register("arrow_sequence", numbers)
        self.duck.execute(
            "CREATE OR REPLACE TEMP TABLE incoming_sequence AS"
            " SELECT day, source, CAST(first AS HUGEINT) AS first FROM arrow_sequence"
        )
        self.duck.unregister("arrow_sequence")

    def _first_sequences(self) -> Iterator[tuple[date, int, int]]:
        query = f"SELECT DISTINCT day, source FROM incoming WHERE source NOT IN ({self._load_sources()})"
        for day, source in self.duck.execute(query).fetchall():
            yield day, source, self.zone.sequence_of(day, self.arrived[source], source)

    def _load_sources(self) -> str:
        return ", ".join(str(source) for sources in self.loads.values() for source in sources) or "-1"

    def _key(self) -> str:
        return columns(self.shape.key)
