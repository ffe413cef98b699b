"""Compares the columns that scripts produce with the columns the DDL of the same release creates."""

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Scan


def column_problems(scans: Iterable[Scan]) -> Iterator[Problem]:
    """Columns that a script selects or inserts and its table lacks, and columns of a staging table not selected."""
    scans = list(scans)
    created = _created_columns(scanned for scanned in scans if scanned.script.layer == "DDL")
    for scanned in scans:
        if scanned.script.layer == "STG" and scanned.statements:
            yield from _staging_problems(scanned, created)
        else:
            yield from _insert_problems(scanned, created)


def _created_columns(scans: Iterable[Scan]) -> dict[str, set[str]]:
    """Columns by `schema.table`, from CREATE TABLE and ALTER TABLE ... ADD COLUMN."""
    found: dict[str, set[str]] = {}
    for scan in scans:
        for statement in scan.statements:
            if (
                isinstance(statement, exp.Create | exp.Alter)
                and (table := statement.find(exp.Table)) is not None
            ):
                columns = found.setdefault(f"{table.db}.{table.name}".lower(), set())
                columns.update(column.name.lower() for column in statement.find_all(exp.ColumnDef))
    return {table: columns for table, columns in found.items() if columns}


def _staging_problems(scan: Scan, created: Mapping[str, set[str]]) -> Iterator[Problem]:
    """A staging script is one SELECT whose columns are the staging table's."""
    path = scan.script.path
    if len(scan.statements) != 1 or not isinstance(scan.statements[0], exp.Query):
        kinds = ", ".join(statement.key.upper() for statement in scan.statements)
        yield Problem(path, 0, f"must be exactly one SELECT, got {kinds}")
        return
    table = f"cars_stg.{scan.script.table.lower()}"
    if table not in created:
        yield Problem(path, 0, f"no script of DDL/CARS_STG creates {table}")
        return
    names = [name.lower() for name in scan.statements[0].named_selects]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield Problem(path, 0, f"selects {', '.join(twice)} more than once")
    yield from _difference(path, table, set(names), created[table])


def _difference(path: str, table: str, selected: set[str], created: set[str]) -> Iterator[Problem]:
    missing, extra = sorted(created - selected), sorted(selected - created)
    if missing:
        yield Problem(path, 0, f"does not select {', '.join(missing)} of {table}")
    if extra:
        yield Problem(path, 0, f"selects {', '.join(extra)}, which {table} does not have")


def _insert_problems(scan: Scan, created: Mapping[str, set[str]]) -> Iterator[Problem]:
    """The columns an INSERT names exist, and it selects one value for each."""
    for statement in scan.statements:
        if not isinstance(statement, exp.Insert) or not isinstance(statement.this, exp.Schema):
            continue
        target = statement.this.this
        table = f"{target.db}.{target.name}".lower()
        columns = [column.name.lower() for column in statement.this.expressions]
        unknown = [column for column in columns if column not in created.get(table, set(columns))]
        if unknown:
            yield Problem(scan.script.path, 0, f"inserts {', '.join(unknown)}, which {table} does not have")
        query = statement.expression
        if isinstance(query, exp.Query) and len(query.selects) != len(columns):
            counts = f"{len(query.selects)} values for {len(columns)} columns"
            yield Problem(scan.script.path, 0, f"inserts {counts} into {table}")
