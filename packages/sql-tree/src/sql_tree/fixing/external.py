"""Declares tables of others in metadata/external_tables.csv, unless a name may be misspelt."""

import re
from collections.abc import Iterable, Iterator

from sql_tree.compiler.problems import Problem
from sql_tree.fixing.csv_cells import CsvFile, read_csv
from sql_tree.fixing.edits import Edit, Fix, Left, Proposal
from sql_tree.fixing.source import Source

_PATH = "metadata/external_tables.csv"
_NAME = re.compile(r"[a-z0-9_{}-]+\.[a-z_][a-z0-9_$]*")
_OWN = ("cars_stg", "car_dm_stg", "car_dm")  # filled by this tree alone
_ENDINGS = re.compile(r"_(h|hs|l|ls|rh|rs|ms|dim|fact|summ)$")
_BY_HAND = f"correct the name, or list it in {_PATH}"


def external_fixes(source: Source) -> Iterator[Proposal]:
    """One row for each table that is read and neither produced nor declared."""
    read: dict[str, list[Problem]] = {}
    for finding in source.open("unknown-table", "undeclared-table"):
        if finding.cause is None and finding.problem.file not in source.unread:
            read.setdefault(_table_of(finding.problem), []).append(finding.problem)
    if not read or source.snapshot.is_rendered(_PATH):
        return
    doubts = {table: _doubt(table, read, source) for table in read}
    for table, doubt in doubts.items():
        if doubt:
            first = read[table][0]
            yield Left("external", first.file, first.line, f"reads {table}; {doubt}", _BY_HAND)
    sure = sorted(table for table, doubt in doubts.items() if not doubt)
    if _PATH in source.files:
        file = read_csv(_PATH, source.files[_PATH])
        if file is not None and file.header == ["tbl"]:
            yield from (_row(file, table, read[table]) for table in sure)
    elif sure:
        yield _new_file(sure, read, doubts, source)


def _table_of(problem: Problem) -> str:
    return problem.text.removeprefix("reads ").partition(", which ")[0]


def _row(file: CsvFile, table: str, problems: list[Problem]) -> Fix:
    return Fix("external", _PATH, 0, f"declares {table}", (file.with_row([table]),), resolves=tuple(problems))


def _new_file(
    sure: list[str], read: dict[str, list[Problem]], doubts: dict[str, str], source: Source
) -> Proposal:
    """The file with every table of others; once it exists, each table that it lacks is an error."""
    doubtful = sorted(table for table, doubt in doubts.items() if doubt)
    if doubtful:
        reason = f"does not exist, and once it does {', '.join(doubtful)} would be an error"
        return Left("external", _PATH, 0, reason, "correct those names first")
    unlisted = {
        table
        for scan in source.scans
        if scan.script.layer == "STG"
        for table in scan.reads
        if table not in source.produced.tables
    }
    rows = "".join(f"{table}\n" for table in sorted({*sure, *unlisted}))
    problems = tuple(problem for table in sure for problem in read[table])
    text = f"declares {', '.join(sure)} in a new file" if len(sure) < 5 else f"declares {len(sure)} tables"
    return Fix("external", _PATH, 0, text, (Edit(_PATH, 0, 0, f"tbl\n{rows}".encode()),), resolves=problems)


def _doubt(table: str, read: Iterable[str], source: Source) -> str:
    """Why a name may be wrong; '' when nothing speaks against it."""
    schema, _, name = table.partition(".")
    if _NAME.fullmatch(table) is None:
        return "the name is not a plain schema.table"
    if schema in _OWN:
        return f"schema {schema} is filled by this tree, and nothing here fills this table"
    known = {*source.produced.tables, *source.types, *source.metadata.external}
    near = sorted(other for other in known if _resembles(table, other))
    if near:
        return f"did you mean {near[0]}?"
    loaded = {scan.script.table for scan in source.scans if scan.script.layer not in ("DDL", "STG")}
    if table in source.types or name.upper() in loaded:
        return "the tree has scripts or DDL of it, but nothing here loads it"
    twins = sorted(other for other in read if other != table and _resembles(table, other))
    misspelt = [other for other in twins if _stem(other) != _stem(table)]
    return f"{misspelt[0]} is read too, and one of the two may be misspelt" if misspelt else ""


def _stem(table: str) -> str:
    return _ENDINGS.sub("", table)


def _resembles(table: str, other: str) -> bool:
    """Whether one name may be the other one misspelt: few letters apart, digits aside."""
    if table == other or re.findall(r"\d+", table) != re.findall(r"\d+", other):
        return False
    schema, _, name = table.partition(".")
    other_schema, _, other_name = other.partition(".")
    if schema != other_schema:
        return name == other_name and _distance(schema, other_schema) <= 2
    if name.replace("_", "") == other_name.replace("_", ""):
        return True
    return _distance(name, other_name) <= (1 if min(len(name), len(other_name)) < 6 else 2)


def _distance(one: str, other: str) -> int:
    """Letters to insert, delete, replace or exchange with their neighbour."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        row = [at]
        for place, against in enumerate(other, 1):
            cost = min(last[place] + 1, row[place - 1] + 1, last[place - 1] + (letter != against))
            swapped = at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == against
            row.append(min(cost, before[place - 2] + 1) if swapped else cost)
        before, last = last, row
    return last[-1]
