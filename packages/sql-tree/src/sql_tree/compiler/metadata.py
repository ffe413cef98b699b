"""Reads the metadata CSVs of a tree: which tables are listed, what needs what, which tables are external."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from sql_tree.compiler.copied_rows import copied_rows
from sql_tree.compiler.problems import Problem
from sql_tree.layout import METADATA_COLUMNS, OPTIONAL_METADATA, WAIVERS

_CSV = re.compile(r"(?!.*\.csv\.).*\.csv", re.DOTALL | re.IGNORECASE)  # a doubled ending is told elsewhere
_NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class TableList:
    """Tables by id and what each needs (by id); a need that is no table here belongs to another source."""

    names: Mapping[int, str] = field(default_factory=dict)
    needs: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

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
    declares_external: bool = True  # False: there is no external_tables.csv


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    values: tuple[str, ...]


def read_metadata(files: Mapping[str, bytes]) -> tuple[Metadata, list[Problem]]:
    """The metadata of a tree; BOM, quotes, header case and blank lines are tolerated, and names have one case."""
    problems: list[Problem] = []
    rows = {name: _rows(name, files, problems) for name in METADATA_COLUMNS}
    problems.extend(_unknown_files(files))
    metadata = Metadata(
        staging=tuple(_names("stg_tables.csv", rows["stg_tables.csv"], problems)),
        vault=_table_list("dv_tables.csv", "dv_tbl_dpnds.csv", rows, problems),
        marts=_table_list("dm_tables.csv", "dm_tbl_dpnds.csv", rows, problems),
        external=frozenset(row.values[0].lower() for row in rows["external_tables.csv"]),
        declares_external="metadata/external_tables.csv" in files,
    )
    known = {problem.file for problem in problems if problem.code == "csv-content"}
    values = {name: [row.values for row in found] for name, found in rows.items()}
    problems.extend(problem for problem in copied_rows(files, values) if problem.file not in known)
    return metadata, problems


def _unknown_files(files: Mapping[str, bytes]) -> Iterator[Problem]:
    for name in files:
        folder, _, base = name.rpartition("/")
        if folder == "metadata" and _CSV.fullmatch(base) and base not in METADATA_COLUMNS:
            known = ", ".join((*METADATA_COLUMNS, WAIVERS.rpartition("/")[2]))
            yield Problem(
                name,
                0,
                f"is not read by anything; known are {known}",
                "csv-unknown",
                about=(f"file:{folder}/{base.lower()}",),
            )


def _rows(name: str, files: Mapping[str, bytes], problems: list[Problem]) -> list[_Row]:
    path = f"metadata/{name}"
    if path not in files:
        if name not in OPTIONAL_METADATA:
            text = f"is missing; its header is {'|'.join(METADATA_COLUMNS[name])}"
            problems.append(
                Problem(path, 0, text, "csv-missing", about=(f"file:{path}",), follows=(f"file:{path}",))
            )
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
        text = f"is not a pipe-delimited file: {error}"
        problems.append(Problem(path, reader.line_num, text, "csv-format", about=(f"file:{path}",)))
        return []
    return list(_checked(path, METADATA_COLUMNS[name], lines, problems))


def _is_of_another(header: tuple[str, ...]) -> str | None:
    """The metadata file that has this header, when it is only one."""
    same = [name for name, columns in METADATA_COLUMNS.items() if sorted(columns) == sorted(header)]
    return same[0] if len(same) == 1 else None


def _checked(
    path: str, columns: tuple[str, ...], lines: list[_Row], problems: list[Problem]
) -> Iterator[_Row]:
    header = tuple(value.lower() for value in lines[0].values) if lines else ()
    if sorted(header) != sorted(columns):
        shown = "|".join(header) or "nothing"
        other = _is_of_another(header)
        hint = f", which is the header of {other}" if other else ""
        text = f"header must be {'|'.join(columns)}, got {shown}{hint}"
        line = lines[0].line if lines else 0
        code = "csv-content" if other else "csv-format"
        problems.append(Problem(path, line, text, code, about=(f"file:{path}",)))
        return
    for row in lines[1:]:
        if len(row.values) != len(columns):
            text = f"must have {len(columns)} values, got {len(row.values)}"
            problems.append(Problem(path, row.line, text, "csv-format", about=(f"file:{path}",)))
        else:
            yield _Row(row.line, tuple(row.values[header.index(column)] for column in columns))


def _names(name: str, rows: list[_Row], problems: list[Problem]) -> Iterator[str]:
    path, first = f"metadata/{name}", dict[str, int]()
    for row in rows:
        table = row.values[-1].upper()
        known = first.setdefault(table, row.line)
        if known != row.line:
            text = f"lists {row.values[-1]} again, first on line {known}"
            problems.append(Problem(path, row.line, text, "duplicate-entry"))
        elif _NAME.fullmatch(table) is None:
            text = f"table must be a name of letters, digits and _, got {row.values[-1]!r}"
            problems.append(Problem(path, row.line, text, "bad-entry", about=(f"file:{path}",)))
        else:
            yield table


def _table_list(
    tables: str, dependencies: str, rows: Mapping[str, list[_Row]], problems: list[Problem]
) -> TableList:
    path = f"metadata/{tables}"
    valid = set(_names(tables, rows[tables], problems))
    names: dict[int, str] = {}
    for row in rows[tables]:
        table_id, name = _number(path, row, 0, problems), row.values[1].upper()
        if table_id is None or name not in valid:
            continue
        known = names.setdefault(table_id, name)
        if known != name:
            text = f"id {table_id} of {name} is already the id of {known}"
            problems.append(Problem(path, row.line, text, "duplicate-entry", about=(f"file:{path}",)))
    found = _with_needs(names, (path, f"metadata/{dependencies}"), rows[dependencies], problems)
    problems.extend(_cycle(found, f"metadata/{dependencies}"))
    return found


def _with_needs(
    names: dict[int, str], paths: tuple[str, str], rows: list[_Row], problems: list[Problem]
) -> TableList:
    listing, path = paths
    needs: dict[int, list[int]] = {}
    dead: dict[int, list[int]] = {}
    outside: dict[int, list[int]] = {}
    for row in rows:
        table_id, need = _number(path, row, 0, problems), _number(path, row, 1, problems)
        if table_id is None or need is None:
            continue
        if table_id not in names:
            dead.setdefault(table_id, []).append(row.line)
        elif need in needs.setdefault(table_id, []):
            text = f"says again that {table_id} requires {need}"
            problems.append(Problem(path, row.line, text, "duplicate-entry"))
        else:
            needs[table_id].append(need)
            if need not in names:
                outside.setdefault(need, []).append(row.line)
    problems.extend(_dead_ids(listing, path, dead, outside))
    return TableList(names, {key: tuple(sorted(wanted)) for key, wanted in needs.items()})


def _dead_ids(
    listing: str, path: str, dead: Mapping[int, list[int]], outside: Mapping[int, list[int]]
) -> Iterator[Problem]:
    """Ids that no table has, once each, with their rows."""
    follows = (f"file:{listing}", f"content:{path}")
    for table_id, lines in sorted(dead.items()):
        text = f"id {table_id} is not listed among the tables{_rows_text(lines)}"
        yield Problem(path, lines[0], text, "dead-id", follows=follows)
    for table_id, lines in sorted(outside.items()):
        text = f"requires id {table_id}, which {listing} does not list{_rows_text(lines)}"
        yield Problem(path, lines[0], text, "outside-id", follows=follows)


def _rows_text(lines: list[int]) -> str:
    return f"; rows on lines {', '.join(map(str, lines))}" if len(lines) > 1 else ""


def _number(path: str, row: _Row, at: int, problems: list[Problem]) -> int | None:
    if row.values[at].isascii() and row.values[at].isdigit():
        return int(row.values[at])
    text = f"id must be a whole number, got {row.values[at]!r}"
    problems.append(Problem(path, row.line, text, "bad-entry", about=(f"file:{path}",)))
    return None


def _cycle(tables: TableList, path: str) -> Iterator[Problem]:
    try:
        tables.groups()
    except CycleError as error:
        text = f"tables require each other in a cycle: {' -> '.join(reversed(error.args[1]))}"
        yield Problem(path, 0, text, "cycle")
