"""Compares the columns that scripts produce with the columns the DDL of the same release creates."""

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from sql_tree.compiler.ddl import created_columns
from sql_tree.compiler.outputs import aliased_tables, output_columns
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Place, Scan, table_name

Created = Mapping[str, list[str]]


def column_problems(scans: Iterable[Scan]) -> Iterator[Problem]:
    """Columns that a script names and its table lacks, and columns of a staging table not selected."""
    scans = list(scans)
    created = created_columns(scans)
    creates_staging = has_staging_ddl(scans)
    for scanned in scans:
        if scanned.script.layer == "STG" and scanned.statements:
            yield from _staging_problems(scanned, created, creates_staging=creates_staging)
        elif scanned.script.layer != "DDL":
            for statement in scanned.statements:
                if isinstance(statement, exp.Insert):
                    yield from _insert_problems(scanned, statement, created)
                yield from _named_problems(scanned, statement, created)


def has_staging_ddl(scans: Iterable[Scan]) -> bool:
    """Whether the tree creates staging tables; in a tree that does not, they exist already."""
    return any(scan.script.layer == "DDL" and scan.script.table == "CARS_STG" for scan in scans)


def _staging_problems(scan: Scan, created: Created, *, creates_staging: bool) -> Iterator[Problem]:
    """A staging script is one SELECT whose columns are the staging table's."""
    if len(scan.statements) != 1 or not isinstance(scan.statements[0], exp.Query):
        kinds = ", ".join(statement.key.upper() for statement in scan.statements)
        yield scan.found(Place(), "staging-shape", f"must be exactly one SELECT, got {kinds}")
        return
    table = f"cars_stg.{scan.script.table.lower()}"
    if creates_staging and table not in created:
        yield scan.found(Place(), "no-ddl", f"no script of DDL/CARS_STG creates {table}", ("ddl:CARS_STG",))
        return
    names = output_columns(scan.statements[0], created)
    if names is None:
        if creates_staging:
            text = "selects * of a table whose columns are not known here; name the columns"
            yield scan.found(Place(), "staging-columns", text)
        return
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield scan.found(Place(), "staging-columns", f"selects {', '.join(twice)} more than once")
    if creates_staging:
        yield from _difference(scan, table, set(names), set(created[table]))


def _difference(scan: Scan, table: str, selected: set[str], created: set[str]) -> Iterator[Problem]:
    missing, extra = sorted(created - selected), sorted(selected - created)
    if missing:
        yield scan.found(Place(), "staging-columns", f"does not select {', '.join(missing)} of {table}")
    if extra:
        text = f"selects {', '.join(extra)}, which {table} does not have"
        yield scan.found(Place(), "staging-columns", text)


def _insert_problems(scan: Scan, statement: exp.Insert, created: Created) -> Iterator[Problem]:
    """The columns an INSERT names exist, and it selects one value for each."""
    if not isinstance(statement.this, exp.Schema):
        return
    target = statement.this.this
    table, at = table_name(target), scan.place(target)
    columns = [column.name.lower() for column in statement.this.expressions]
    unknown = [column for column in columns if column not in created.get(table, columns)]
    if unknown:
        text = f"inserts {', '.join(unknown)}, which {table} does not have"
        yield scan.found(scan.place(statement.this), "unknown-column", text)
    query = statement.expression.unnest() if statement.expression is not None else None
    values = output_columns(query, created) if isinstance(query, exp.Query) else None
    if values is not None and len(values) != len(columns):
        counts = f"{len(values)} values for {len(columns)} columns"
        yield scan.found(at, "value-count", f"inserts {counts} into {table}")


def _named_problems(scan: Scan, statement: exp.Expr, created: Created) -> Iterator[Problem]:
    """Columns written as `alias.column`, or set by an UPDATE, of a table whose DDL does not have them."""
    seen: set[tuple[str, str]] = set()
    scopes: dict[int, dict[str, exp.Expr]] = {}
    for column in scan.every(statement, exp.Column):
        name = column.name.lower()
        if not column.table or isinstance(column.this, exp.Star) or column.db:
            continue
        table = _table_of(column, scan, scopes)
        if table in created and name not in created[table] and (table, name) not in seen:
            seen.add((table, name))
            text = f"names {column.table}.{name}, which {table} does not have"
            yield scan.found(scan.place(column), "unknown-column", text)
    if isinstance(statement, exp.Update) and isinstance(statement.this, exp.Table):
        table = table_name(statement.this)
        for change in statement.expressions:
            if isinstance(change, exp.EQ) and isinstance(change.this, exp.Column):
                name = change.this.name.lower()
                if table in created and name not in created[table] and (table, name) not in seen:
                    text = f"sets {name}, which {table} does not have"
                    yield scan.found(scan.place(change.this), "unknown-column", text)


_SYSTEM = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}


def _table_of(column: exp.Column, scan: Scan, scopes: dict[int, dict[str, exp.Expr]]) -> str:
    """The database table behind a column's alias; '' when it is none, or not certain."""
    if column.name.lower() in _SYSTEM:
        return ""
    alias = column.table.lower()
    scope: exp.Expr | None = column.parent
    while scope is not None:
        if isinstance(scope, exp.Select | exp.Update | exp.Delete | exp.Insert | exp.Merge):
            if id(scope) not in scopes:
                scopes[id(scope)] = aliased_tables(scope)
            tables = scopes[id(scope)]
            if alias in tables:
                source = tables[alias]
                if not isinstance(source, exp.Table) or not source.db or table_name(source) in scan.local:
                    return ""
                return table_name(source)
        scope = scope.parent
    return ""
