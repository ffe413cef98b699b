"""The target schema of an application: its tables, columns, types and keys, checked as a whole. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datamart_exec.errors import DatamartError, shown
from datamart_exec.landing import json_position
from datamart_exec.landing.sql_server_types import LandingType, parse_type

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
ADDED = {
    "op": "VARCHAR",
    "dart_filedate": "DATE",
}  # columns that change capture adds to each table, declared or not
OBJECT, ROW = "landing_object", "landing_row"  # they identify the rows of a table without a key
# columns of the landing's own tables beside those of the zones
RESERVED = frozenset(
    {"source", "row", "day", "sequence", "first_day", "present", "decided", "filename", "file_row_number"}
)
SHOWN_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class TargetColumn:
    """A column: its name in the source's files, in the zones, and its type."""

    source: str
    name: str
    type: LandingType


@dataclass(frozen=True, slots=True)
class TargetTable:
    """A table: its folder in the landing zone, its name in the zones, and its columns in order.

    `key` names the columns that identify a row; a table without one is appended to. `dedupe_key` is what the schema says
    orders the versions of a row; the order of capture decides, so it is only checked.
    """

    source: str
    name: str
    columns: tuple[TargetColumn, ...]
    key: tuple[str, ...]
    dedupe_key: tuple[str, ...]

    def zone_columns(self) -> dict[str, str]:
        """The columns of the zones with their DuckDB types, in order."""
        own = {} if self.key else {OBJECT: "VARCHAR", ROW: "BIGINT"}
        return {column.name: column.type.duckdb for column in self.columns} | ADDED | own

    def zone_key(self) -> tuple[str, ...]:
        """The columns that identify a row in the zones."""
        return self.key or (OBJECT, ROW)


@dataclass(frozen=True, slots=True)
class TargetSchema:
    """All tables of an application, by the name of their folder in the landing zone, in lower case."""

    tables: Mapping[str, TargetTable]


class SchemaError(DatamartError):
    """The target schema has problems; the message shows the first ones."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


def _schema_error(place: str, problems: Sequence[str]) -> SchemaError:
    count = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
    more = len(problems) - SHOWN_PROBLEMS
    tail = f"; and {more} more in the log" if more > 0 else ""
    return SchemaError(f"{place}: {count}: {'; '.join(problems[:SHOWN_PROBLEMS])}{tail}", problems)


def parse(content: str | bytes, place: str) -> TargetSchema:
    """Read a schema file; `place` names it in messages. Raises `SchemaError` with every problem and its position."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        document = json.loads(text, object_pairs_hook=_no_duplicates)
    except (ValueError, RecursionError) as error:
        raise _schema_error(place, [f"not JSON in UTF-8: {error}; correct the file"]) from error
    reader = _Reader(text)
    tables = list(reader.tables(document))
    if reader.problems:
        raise _schema_error(place, reader.problems)
    return TargetSchema({table.source.lower(): table for table in tables})


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"the key {shown(double[0])} stands twice in one object")
    return dict(pairs)


class _Reader:
    """Reads the document's parts; notes problems under their position (tables[0].columns[2].data_type)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.problems: list[str] = []

    def tables(self, document: object) -> Iterator[TargetTable]:
        entries = self._list(document, "tables", "")
        seen: dict[str, str] = {}
        for number, entry in enumerate(entries):
            at = f"tables[{number}]"
            table = self._table(entry, at)
            if table is None:
                continue
            for name in {f"source_table {table.source.lower()}", f"target_table {table.name.lower()}"}:
                if name in seen:
                    self._note(at, f"{name} is declared at {seen[name]} too; remove one")
                seen.setdefault(name, at)
            yield table

    def _table(self, entry: object, at: str) -> TargetTable | None:
        source = self._name(entry, "source_table", at)
        name = self._name(entry, "target_table", at)
        columns = [
            column
            for number, each in enumerate(self._list(entry, "columns", at))
            if (column := self._column(each, f"{at}.columns[{number}]")) and column.name.lower() not in ADDED
        ]
        self._unique(columns, at)
        if source is None or name is None or not isinstance(entry, dict):
            return None
        known = {column.name.lower(): column.name for column in columns}
        known |= {column.source.lower(): column.name for column in columns}
        key = self._columns(entry, "primary_key", known, at)
        dedupe = self._columns(entry, "dedupe_key", known, at)
        return TargetTable(source, name, tuple(columns), key, dedupe)

    def _column(self, entry: object, at: str) -> TargetColumn | None:
        source = self._name(entry, "src_col_nm", at)
        name = self._name(entry, "target_column_name", at)
        spelled = self._text(entry, "data_type", at)
        if source is None or name is None or spelled is None:
            return None
        if name.lower() in RESERVED:
            self._note(
                f"{at}.target_column_name",
                f"is {shown(name)}, a name that the landing uses itself; choose another",
            )
        try:
            return TargetColumn(source, name, parse_type(spelled))
        except ValueError as error:
            self._note(f"{at}.data_type", str(error))
            return None

    def _unique(self, columns: Sequence[TargetColumn], at: str) -> None:
        for what, names in (
            ("src_col_nm", [column.source for column in columns]),
            ("target_column_name", [column.name for column in columns]),
        ):
            lower = [name.lower() for name in names]
            for name in sorted({name for name in lower if lower.count(name) > 1}):
                self._note(
                    at, f"{what} {name} stands there {lower.count(name)} times; names differ without case"
                )

    def _columns(
        self, entry: Mapping[str, Any], name: str, known: Mapping[str, str], at: str
    ) -> tuple[str, ...]:
        """The columns that a comma list such as primary_key names, by their target names."""
        value = entry.get(name)
        if value in (None, ""):
            return ()
        if not isinstance(value, str):
            self._note(f"{at}.{name}", f"must be column names with commas between them, got {shown(value)}")
            return ()
        names = [part.strip() for part in value.split(",")]
        for each in names:
            if each.lower() not in known:
                self._note(f"{at}.{name}", f"names {shown(each)}, which is no column of the table")
        if len({each.lower() for each in names}) < len(names):
            self._note(f"{at}.{name}", f"names a column twice: {shown(value)}")
        return tuple(known[each.lower()] for each in names if each.lower() in known)

    def _list(self, entry: object, name: str, at: str) -> list[object]:
        value = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(value, list) and value:
            return value
        if isinstance(entry, dict):
            self._note(f"{at}.{name}".lstrip("."), f"must be a list that is not empty, got {shown(value)}")
        else:
            self._note(at or "the file", f"must be an object with the list {name}, got {shown(entry)}")
        return []

    def _name(self, entry: object, name: str, at: str) -> str | None:
        text = self._text(entry, name, at)
        if text is None or NAME.fullmatch(text):
            return text
        self._note(f"{at}.{name}", f"must be a name of letters, digits and _, got {shown(text)}")
        return None

    def _text(self, entry: object, name: str, at: str) -> str | None:
        value = entry.get(name) if isinstance(entry, dict) else None
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._note(f"{at}.{name}", f"must be a text, got {shown(value)}")
        return None

    def _note(self, at: str, problem: str) -> None:
        path = [
            int(step) if step.isdigit() else step for step in re.split(r"[.\[\]]+", at.strip("]")) if step
        ]
        self.problems.append(f"line {json_position.line(self.text, path)}: {at} {problem}")
