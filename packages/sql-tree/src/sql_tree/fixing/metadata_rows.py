"""Rows of the metadata: repeated ones and stale waivers go, requirements that the scripts show come."""

from collections.abc import Iterable, Iterator, Mapping

from sql_tree.compiler.metadata import TableList
from sql_tree.compiler.problems import Problem
from sql_tree.fixing.csv_cells import CsvFile, read_csv
from sql_tree.fixing.edits import Fix, Left, Proposal
from sql_tree.fixing.source import Source
from sql_tree.layout import METADATA_COLUMNS, WAIVERS

_DEPENDENCIES = {"EDV": "dv_tbl_dpnds.csv", "DM": "dm_tbl_dpnds.csv", "CAR_DM": "dm_tbl_dpnds.csv"}


def _csv_of(path: str, source: Source) -> CsvFile | None:
    if path not in source.files or source.snapshot.is_rendered(path):
        return None
    return read_csv(path, source.files[path])


def duplicate_fixes(source: Source) -> Iterator[Proposal]:
    """Deletes a row whose values are all those of an earlier row."""
    for finding in source.open("duplicate-entry"):
        problem = finding.problem
        file = _csv_of(problem.file, source)
        row = file.at_line(problem.line) if file is not None else None
        if file is None or row is None:
            continue
        values = [cell.value.upper() for cell in row.cells]
        same = [one for one in file.rows if [cell.value.upper() for cell in one.cells] == values]
        if same[0] is row:
            reason = f"{problem.text}, with another value beside it"
            yield Left("duplicates", problem.file, problem.line, reason, "delete the row that is wrong")
        else:
            text = f"deletes {'|'.join(cell.value for cell in row.cells)}, which line {same[0].line} says"
            edits = (file.without(row),)
            yield Fix("duplicates", problem.file, problem.line, text, edits, resolves=(problem,))


def waiver_fixes(source: Source) -> Iterator[Proposal]:
    """Deletes waivers that waive nothing while every script and list is read."""
    file = read_csv(WAIVERS, source.files[WAIVERS]) if WAIVERS in source.files else None
    stale = source.open("stale-waiver")
    hidden = bool(source.unread) or any(
        finding.problem.code.startswith("csv-") for finding in source.found.open
    )
    for finding in stale:
        problem = finding.problem
        row = file.at_line(problem.line) if file is not None else None
        if file is None or row is None or finding.cause is not None or hidden:
            reason = "another error may hide what it waives"
            yield Left("waivers", problem.file, problem.line, reason, "correct the other errors first")
        else:
            text = f"deletes the waiver of {'|'.join(cell.value for cell in row.cells[:3])}"
            edits = (file.without(row),)
            yield Fix("waivers", problem.file, problem.line, text, edits, resolves=(problem,))


def requirement_fixes(source: Source) -> Iterator[Proposal]:
    """Adds the requirement of a table on one that its scripts read, unless a cycle would follow."""
    wanted: dict[tuple[str, int, int], list[Problem]] = {}
    scripts = {scan.script.path: scan for scan in source.editable}
    for finding in source.open("missing-requirement"):
        problem = finding.problem
        scan = scripts.get(problem.file)
        if scan is None or finding.cause is not None:
            continue
        name = _required(problem)
        tables = source.metadata.vault if scan.script.layer == "EDV" else source.metadata.marts
        ids = {table: table_id for table_id, table in tables.names.items()}
        path = f"metadata/{_DEPENDENCIES[scan.script.layer]}"
        if scan.script.table in ids and name in ids:
            wanted.setdefault((path, ids[scan.script.table], ids[name]), []).append(problem)
        elif not source.snapshot.is_rendered(path):
            reason = f"{scan.script.table} or {name} is on no list, so it has no id"
            yield Left("requirements", problem.file, problem.line, reason, "list both tables")
    for (path, table_id, need), problems in sorted(wanted.items(), key=lambda item: item[0]):
        yield from _requirement(path, (table_id, need), problems, wanted, source)


def _required(problem: Problem) -> str:
    return problem.text.rpartition(" requires ")[2]


def _requirement(
    path: str,
    pair: tuple[int, int],
    problems: list[Problem],
    wanted: Iterable[tuple[str, int, int]],
    source: Source,
) -> Iterator[Proposal]:
    file = _csv_of(path, source)
    tables = source.metadata.vault if "dv_" in path else source.metadata.marts
    table, need = (tables.names[one] for one in pair)
    first = problems[0]
    columns = METADATA_COLUMNS[path.rpartition("/")[2]]
    if file is None or sorted(file.header) != sorted(columns):
        return
    added = [(one, other) for name, one, other in wanted if name == path]
    if _reaches(pair[1], pair[0], _edges(tables, added)):
        reason = f"{table} reads {need}, which requires {table}"
        yield Left("requirements", first.file, first.line, reason, "decide which one is loaded first")
        return
    by_column = dict(zip(columns, map(str, pair), strict=True))
    edits = (file.with_row([by_column[column] for column in file.header]),)
    text = f"{table} requires {need}: row {pair[0]}|{pair[1]}"
    yield Fix("requirements", path, 0, text, edits, resolves=tuple(problems))


def _edges(tables: TableList, added: Iterable[tuple[int, int]]) -> Mapping[int, set[int]]:
    found = {table_id: set(needs) for table_id, needs in tables.needs.items()}
    for table_id, need in added:
        found.setdefault(table_id, set()).add(need)
    return found


def _reaches(start: int, goal: int, edges: Mapping[int, set[int]]) -> bool:
    seen, ahead = {start}, [start]
    while ahead:
        at = ahead.pop()
        if at == goal:
            return True
        ahead += [one for one in edges.get(at, ()) if one not in seen]
        seen.update(edges.get(at, ()))
    return False
