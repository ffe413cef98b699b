"""Finds what a statement says that cannot be meant: NULL hashes, unmapped operations, impossible literals, replays."""

from collections.abc import Iterable, Iterator

from sql_tree.compiler.dates import swapped_dates
from sql_tree.compiler.ddl import created_columns, required_columns
from sql_tree.compiler.hashes import Columns, hash_problems
from sql_tree.compiler.literals import literal_problems
from sql_tree.compiler.operations import operation_problems
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.replays import repeated_inserts
from sql_tree.compiler.scan import Scan


def meaning_problems(scans: Iterable[Scan]) -> Iterator[Problem]:
    """Problems of the meaning of statements that parse."""
    scans = list(scans)
    columns = Columns(created_columns(scans), required_columns(scans))
    for scanned in scans:
        if scanned.script.layer == "DDL" or not scanned.is_valid:
            continue
        for statement in scanned.statements:
            yield from hash_problems(scanned, statement, columns)
            yield from operation_problems(scanned, statement)
            yield from literal_problems(scanned, statement)
    yield from swapped_dates(scans)
    yield from repeated_inserts(scans)
