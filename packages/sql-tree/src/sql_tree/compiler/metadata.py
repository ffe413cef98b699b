"""Reads the metadata CSVs of a tree: which tables are listed, what needs what, which tables are external."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from sql_tree.compiler.problems import Problem
from sql_tree.layout import METADATA_COLUMNS

_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class TableList:
    """Tables by id, what each needs (by id), and ids that are needed but belong to other sources."""

    names: Mapping[int, str] = field(default_factory=dict)
    needs: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    outside: tuple[int, ...] = ()

    def requirements(self) -> dict[str, list[str]]:
        """Table name to the names it needs, in order of id; ids of other sources are left out."""
        return {
            name: [self.names[need] for need in self.needs.get(table_id, ()) if need in self.names]
            for table_id, name in self.names.items()
        }

    def groups(self) -> list[list[str]]:
        """Load order: each group needs only what is in earlier groups. Raises `CycleError` on a cycle."""
        sorter = TopologicalSorter(self.requirements())
        sorter.prepare()
        groups = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            groups.append(ready)
            sorter.done(*ready)
        return groups


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the CSVs of a tree say."""

    staging: tuple[str, ...]
    vault: TableList
    marts: TableList
    external: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    values: tuple[str, ...]


def read_metadata(files: Mapping[str, bytes]) -> tuple[Metadata, list[Problem]]:
    """The metadata of a tree; BOM, quotes, header case and blank lines are tolerated."""
    problems: list[Problem] = []
    rows = {name: _rows(name, files, problems) for name in METADATA_COLUMNS}
    problems.extend(_unknown_files(files))
    metadata = Metadata(
        staging=tuple(_names("stg_tables.csv", rows["stg_tables.csv"], problems)),
        vault=_table_list("dv_tables.csv", "dv_tbl_dpnds.csv", rows, problems),
        marts=_table_list("dm_tables.csv", "dm_tbl_dpnds.csv", rows, problems),
        external=frozenset(row.values[0] for row in rows["external_tables.csv"]),
    )
    return metadata, problems


def _unknown_files(files: Mapping[str, bytes]) -> Iterator[Problem]:
    for name in files:
        folder, _, base = name.rpartition("/")
        if folder == "metadata" and base.endswith(".csv") and base not in METADATA_COLUMNS:
            yield Problem(name, 0, f"is not read by anything; known are {', '.join(METADATA_COLUMNS)}")


def _rows(name: str, files: Mapping[str, bytes], problems: list[Problem]) -> list[_Row]:
    path = f"metadata/{name}"
    if path not in files:
        problems.append(Problem(path, 0, f"is missing; its header is {'|'.join(METADATA_COLUMNS[name])}"))
        return []
    text = files[path].decode("utf-8-sig", errors="replace")
    reader = csv.reader(io.StringIO(text), delimiter="|", strict=True)
    try:
        lines = [
            _Row(reader.line_num, tuple(value.strip() for value in values))
            for values in reader
            if any(value.strip() for value in values)
        ]
    except csv.Error as error:
        problems.append(Problem(path, reader.line_num, f"is not a pipe-delimited file: {error}"))
        return []
    return list(_checked(path, METADATA_COLUMNS[name], lines, problems))


def _checked(
    path: str, columns: tuple[str, ...], lines: list[_Row], problems: list[Problem]
) -> Iterator[_Row]:
    header = tuple(value.lower() for value in lines[0].values) if lines else ()
    if sorted(header) != sorted(columns):
        shown = "|".join(header) or "nothing"
        problems.append(
            Problem(path, lines[0].line if lines else 0, f"header must be {'|'.join(columns)}, got {shown}")
        )
        return
    for row in lines[1:]:
        if len(row.values) != len(columns):
            problems.append(
                Problem(path, row.line, f"must have {len(columns)} values, got {len(row.values)}")
            )
        else:
            yield _Row(row.line, tuple(row.values[header.index(column)] for column in columns))


def _names(name: str, rows: list[_Row], problems: list[Problem]) -> Iterator[str]:
    path, first = f"metadata/{name}", dict[str, int]()
    for row in rows:
        table = row.values[-1]
        known = first.setdefault(table.upper(), row.line)
        if known != row.line:
            problems.append(Problem(path, row.line, f"lists {table} again, first on line {known}"))
        elif _NAME.fullmatch(table) is None:
            problems.append(Problem(path, row.line, f"table must be an upper-case name, got {table!r}"))
        else:
            yield table


def _table_list(
    tables: str, dependencies: str, rows: Mapping[str, list[_Row]], problems: list[Problem]
) -> TableList:
    valid = set(_names(tables, rows[tables], problems))
    names: dict[int, str] = {}
    for row in rows[tables]:
        table_id = _number(f"metadata/{tables}", row, 0, problems)
        if table_id is None or row.values[1] not in valid:
            continue
        known = names.setdefault(table_id, row.values[1])
        if known != row.values[1]:
            problems.append(
                Problem(
                    f"metadata/{tables}",
                    row.line,
                    f"id {table_id} of {row.values[1]} is already the id of {known}",
                )
            )
    found = _with_needs(names, f"metadata/{dependencies}", rows[dependencies], problems)
    problems.extend(_cycle(found, f"metadata/{dependencies}"))
    return found


def _with_needs(names: dict[int, str], path: str, rows: list[_Row], problems: list[Problem]) -> TableList:
    needs: dict[int, list[int]] = {}
    for row in rows:
        table_id, need = _number(path, row, 0, problems), _number(path, row, 1, problems)
        if table_id is None or need is None:
            continue
        if table_id not in names:
            problems.append(Problem(path, row.line, f"id {table_id} is not listed among the tables"))
        elif need in needs.setdefault(table_id, []):
            problems.append(Problem(path, row.line, f"says again that {table_id} requires {need}"))
        else:
            needs[table_id].append(need)
    outside = {need for wanted in needs.values() for need in wanted if need not in names}
    return TableList(
        names, {key: tuple(sorted(wanted)) for key, wanted in needs.items()}, tuple(sorted(outside))
    )


def _number(path: str, row: _Row, at: int, problems: list[Problem]) -> int | None:
    if row.values[at].isascii() and row.values[at].isdigit():
        return int(row.values[at])
    problems.append(Problem(path, row.line, f"id must be a whole number, got {row.values[at]!r}"))
    return None


def _cycle(tables: TableList, path: str) -> Iterator[Problem]:
    try:
        tables.groups()
    except CycleError as error:
        yield Problem(
            path, 0, f"tables require each other in a cycle: {' -> '.join(reversed(error.args[1]))}"
        )
