"""One day's delivery of the source, and the expected state after its load."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cars_acceptance.source.controls import Key
from cars_acceptance.source.state import Row

Files = Sequence[Sequence[Row]]


@dataclass(frozen=True)
class Expected:
    """The expected state after a load: acres per control total, rows delivered and current rows per source table."""

    acres: Mapping[Key, Decimal]
    delivered: Mapping[str, int]
    current: Mapping[str, int]


@dataclass(frozen=True)
class Load:
    """One day: the tables whose final zone is rewritten, the files of the change zone, late files by their own date."""

    day: date
    initial: bool
    final: Mapping[str, Sequence[Row]]
    expected: Expected
    changes: Mapping[str, Files] = field(default_factory=dict)
    late: Mapping[date, Mapping[str, Files]] = field(default_factory=dict)

    @property
    def late_rows(self) -> int:
        """Rows in late files."""
        return sum(len(rows) for tables in self.late.values() for files in tables.values() for rows in files)
