"""The current rows of the source tables and the journal of one day: the reference for every comparison."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from cars_acceptance.source.errors import SourceError
from cars_acceptance.source.schema import KEYS

Value = int | str | Decimal | datetime | date | None
Row = Mapping[str, Value]

FIRST_ID = 10_001
FIRST_CHANGE = time(6, 0)
PAUSE = timedelta(milliseconds=100, microseconds=37)


# Columns that children are looked up by; the state keeps an index of them.
PARENTS: Mapping[str, tuple[str, ...]] = {
    "agricultural_production_plan": ("tract_identifier",),
    "business_party": ("crop_acreage_report_identifier",),
    "business_party_share": ("agricultural_production_plan_identifier", "business_party_identifier"),
    "compliance_detail_history": ("agricultural_production_plan_identifier",),
    "continuous_plan_certification_election": ("business_party_identifier",),
    "field": ("tract_identifier",),
    "tract": ("crop_acreage_report_identifier",),
    "tract_business_party": ("tract_identifier", "business_party_identifier"),
}


class Clock:
    """The time of changes on one day: each reading is later than the one before and on the same day."""

    def __init__(self, day: date) -> None:
        self.day = day
        self._now = datetime.combine(day, FIRST_CHANGE)

    def tick(self) -> datetime:
        """The next moment of the day."""
        self._now += PAUSE
        if self._now.date() != self.day:
            raise SourceError(f"{self.day} has more changes than fit into it; ask for fewer farms")
        return self._now


class State:
    """Current rows by table and identifier; every change is also noted in the journal of the day."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[int, Row]] = {table: {} for table in sorted(KEYS)}
        self.journal: dict[str, list[Row]] = {}
        self.deleted: dict[str, dict[int, Row]] = {table: {} for table in sorted(KEYS)}
        self._next_id = dict.fromkeys(KEYS, FIRST_ID)
        self._index: dict[tuple[str, str, Value], dict[int, None]] = {}

    def begin(self) -> None:
        """Start a day with an empty journal."""
        self.journal = {table: [] for table in sorted(KEYS)}

    def row(self, table: str, identifier: Value) -> Row:
        """A current row."""
        row = self.tables[table].get(number(identifier))
        if row is None:
            raise SourceError(f"source table {table} has no row {identifier}")
        return row

    def rows(self, table: str) -> Iterator[Row]:
        """The current rows of a table, in the order they came."""
        return iter(tuple(self.tables[table].values()))

    def children(self, table: str, column: str, identifier: Value) -> list[Row]:
        """The current rows of a table whose `column` (one of PARENTS) is `identifier`, by their own identifier."""
        found = self._index.get((table, column, identifier), {})
        return [self.tables[table][child] for child in sorted(found)]

    def insert(self, table: str, values: Row, day: date) -> int:
        """Add a row, with an identifier of its own unless `values` has one; returns the identifier."""
        given = values.get(KEYS[table])
        identifier = self._new_id(table) if given is None else number(given)
        if identifier in self.tables[table]:
            raise SourceError(f"source table {table} already has row {identifier}")
        self.deleted[table].pop(identifier, None)
        self._note(table, identifier, {**values, KEYS[table]: identifier, "op": "I", "dart_filedate": day})
        return identifier

    def update(self, table: str, identifier: Value, values: Row, day: date) -> None:
        """Change columns of a row."""
        row = {**self.row(table, identifier), **values, "op": "U", "dart_filedate": day}
        self._note(table, number(identifier), row)

    def delete(self, table: str, identifier: Value, day: date) -> None:
        """Remove a row; the journal gets the values it had, as change capture sends them."""
        row = self.row(table, identifier)
        del self.tables[table][number(identifier)]
        self._unlink(table, number(identifier), row)
        self.deleted[table][number(identifier)] = row
        self.journal[table].append({**row, "op": "D", "dart_filedate": day})

    def _note(self, table: str, identifier: int, row: Row) -> None:
        former = self.tables[table].get(identifier)
        if former is not None:
            self._unlink(table, identifier, former)
        for column in PARENTS.get(table, ()):
            self._index.setdefault((table, column, row[column]), {})[identifier] = None
        self.tables[table][identifier] = row
        self.journal[table].append(row)

    def _unlink(self, table: str, identifier: int, row: Row) -> None:
        for column in PARENTS.get(table, ()):
            self._index[table, column, row[column]].pop(identifier)

    def _new_id(self, table: str) -> int:
        self._next_id[table] += 1
        return self._next_id[table] - 1


def number(value: Value) -> int:
    """An identifier as a whole number."""
    if not isinstance(value, int):
        raise SourceError(f"an identifier must be a whole number, got {value!r}")
    return value


def acres(value: Value) -> Decimal:
    """A quantity as a decimal."""
    if not isinstance(value, Decimal):
        raise SourceError(f"a quantity must be a decimal, got {value!r}")
    return value
