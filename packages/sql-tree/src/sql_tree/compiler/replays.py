"""Finds inserts of vault and mart tables that nothing keeps from adding their rows a second time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import CHANGES, Scan, table_name, targets


@dataclass(slots=True)
class _Seen:
    """What the statements of one table did so far: tables with deleted rows; what each temporary table was made from."""

    emptied: set[str] = field(default_factory=set)
    made_from: dict[str, set[str]] = field(default_factory=dict)


def repeated_inserts(scans: Iterable[Scan]) -> Iterator[Problem]:
    """Inserts without a look at the rows that are there, in the statement or in a temporary table that it takes."""
    tables: dict[tuple[str, str], _Seen] = {}
    for scan in scans:
        script = scan.script
        if script.layer in ("STG", "DDL") or not scan.is_valid:
            continue
        seen = tables.setdefault((script.layer, script.table), _Seen())
        for statement in scan.statements:
            _note(scan, statement, seen)
            for node in scan.every(statement, exp.Insert):
                yield from _repeated(scan, statement, node, seen)


def _note(scan: Scan, statement: exp.Expr, seen: _Seen) -> None:
    for node in scan.every(statement, exp.Delete, exp.TruncateTable):
        seen.emptied.update(map(table_name, targets(node)))
    changed = {table_name(table) for node in scan.every(statement, *CHANGES) for table in targets(node)}
    for table in scan.every(statement, exp.Table):
        if table_name(table) in scan.local and not isinstance(statement, exp.Insert):
            seen.made_from.setdefault(table_name(table), set()).update(
                changed
            )  # compared with the rows of its target
    if isinstance(statement, (exp.Create, exp.Select, *CHANGES)):
        into = statement.args.get("into")
        for target in [into.this] if into is not None else targets(statement):
            if table_name(target) in scan.local:
                named = {table_name(table) for table in scan.every(statement, exp.Table)}
                others = {name for table in named for name in (table, *seen.made_from.get(table, ()))}
                seen.made_from.setdefault(table_name(target), set()).update(others)


def _repeated(scan: Scan, statement: exp.Expr, insert: exp.Insert, seen: _Seen) -> Iterator[Problem]:
    target = insert.this.this if isinstance(insert.this, exp.Schema) else insert.this
    if not isinstance(target, exp.Table) or insert.args.get("conflict") is not None:
        return
    name = table_name(target)
    if name in seen.emptied or name in scan.local:
        return
    looked: set[str] = set()
    for table in scan.every(statement, exp.Table):
        if table is not target and not _is_only_a_value(table):
            looked.update((table_name(table), *seen.made_from.get(table_name(table), ())))
    if name not in looked:
        yield scan.found(
            scan.place(target), "not-idempotent", f"inserts into {name} without a look at its rows"
        )


def _is_only_a_value(table: exp.Table) -> bool:
    """Whether a table only gives a value of a SELECT list, such as the highest key, and so keeps no row out."""
    node: exp.Expr = table
    while node.parent is not None:
        if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
            return True
        node = node.parent
    return False
