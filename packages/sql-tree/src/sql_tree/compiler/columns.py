"""Compares the columns that scripts produce with the columns the DDL of the same release creates."""

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from sql_tree.compiler.ddl import created_columns
from sql_tree.compiler.outputs import aliased_tables, output_columns, source_columns
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
                for insert in scanned.every(statement, exp.Insert):
                    if not isinstance(insert.parent, exp.When):
                        yield from _insert_problems(scanned, insert, created)
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
    """The columns an INSERT names exist, and it gives one value for each."""
    target = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    if not isinstance(target, exp.Table):
        return
    table, at = table_name(target), scan.place(target)
    if isinstance(statement.this, exp.Schema):
        columns = [column.name.lower() for column in statement.this.expressions]
        unknown = [column for column in columns if column not in created.get(table, columns)]
        if unknown:
            text = f"inserts {', '.join(unknown)}, which {table} does not have"
            first = next(column for column in statement.this.expressions if column.name.lower() == unknown[0])
            yield scan.found(scan.place(first), "unknown-column", text)
    elif table in created:
        columns = list(created[table])
    else:
        return
    values = _number_of_values(statement.expression, created)
    is_short = values is not None and values < len(columns) and not isinstance(statement.this, exp.Schema)
    if (
        values is not None and values != len(columns) and not is_short
    ):  # the last columns may be left out without a list
        counts = f"{values} value{'' if values == 1 else 's'} for {len(columns)} columns"
        yield scan.found(at, "value-count", f"inserts {counts} into {table}")


def _number_of_values(source: exp.Expr | None, created: Created) -> int | None:
    if isinstance(source, exp.Values):
        sizes = {len(row.expressions) for row in source.expressions if isinstance(row, exp.Tuple)}
        return sizes.pop() if len(sizes) == 1 else None
    query = source.unnest() if source is not None else None
    names = output_columns(query, created) if isinstance(query, exp.Query) else None
    return None if names is None else len(names)


def _named_problems(scan: Scan, statement: exp.Expr, created: Created) -> Iterator[Problem]:
    """Columns written as `alias.column`, or set in a table, of a table whose DDL does not have them."""
    seen: set[tuple[str, str]] = set()
    scopes: dict[int, dict[str, exp.Expr]] = {}
    for column in scan.every(statement, exp.Column):
        name = column.name.lower()
        if not column.table or isinstance(column.this, exp.Star) or column.db:
            continue
        source = _source_of(column, scopes)
        table = _table_of(source, scan)
        if isinstance(source, exp.Subquery) or (isinstance(source, exp.Table) and not source.db):
            yield from _computed_problems(scan, column, source, created, seen)
        elif table in created and name not in created[table] and (table, name) not in seen:
            seen.add((table, name))
            text = f"names {column.table}.{name}, which {table} does not have"
            yield scan.found(scan.place(column), "unknown-column", text)
    for changed, table in _set_columns(scan, statement):
        name = changed.name.lower()
        if table in created and name not in created[table] and (table, name) not in seen:
            seen.add((table, name))
            text = f"sets {name}, which {table} does not have"
            yield scan.found(scan.place(changed), "unknown-column", text)


def _set_columns(scan: Scan, statement: exp.Expr) -> Iterator[tuple[exp.Expr, str]]:
    """The columns that UPDATE, ON CONFLICT and MERGE change or compare by name, each with its table."""
    for node in scan.every(statement, exp.Update, exp.Insert, exp.Merge):
        target = node.this.this if isinstance(node.this, exp.Schema) else node.this
        if not isinstance(target, exp.Table) or table_name(target) in scan.local:
            continue
        changes: list[exp.Expr] = list(node.expressions) if isinstance(node, exp.Update) else []
        conflict, whens = node.args.get("conflict"), node.args.get("whens")
        if conflict is not None:
            changes += [
                *conflict.expressions,
                *(key.this for key in conflict.args.get("conflict_keys") or ()),
            ]
        for when in whens.expressions if whens is not None else ():
            then = when.args.get("then")
            if isinstance(then, exp.Update):
                changes += then.expressions
            elif isinstance(then, exp.Insert) and then.this is not None:
                changes.append(then.this)
        for change in changes:
            left = change.this if isinstance(change, exp.EQ) else change
            parts = left.expressions if isinstance(left, exp.Tuple) else [left]
            yield from ((part, table_name(target)) for part in parts if isinstance(part, exp.Column))


_SYSTEM = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}


def _computed_problems(
    scan: Scan, column: exp.Column, source: exp.Expr, created: Created, seen: set[tuple[str, str]]
) -> Iterator[Problem]:
    """A column of a subquery or CTE that does not select it."""
    alias, name = column.table.lower(), column.name.lower()
    if source.name.lower() in scan.local and isinstance(source, exp.Table):
        return
    names = source_columns(source, created)
    if names is not None and name not in names and (alias, name) not in seen:
        seen.add((alias, name))
        text = f"names {column.table}.{name}, which {column.table} does not select"
        yield scan.found(scan.place(column), "unknown-column", text)


def _source_of(column: exp.Column, scopes: dict[int, dict[str, exp.Expr]]) -> exp.Expr | None:
    """What a column's alias stands for; None when it is not certain."""
    if column.name.lower() in _SYSTEM:
        return None
    alias = column.table.lower()
    scope: exp.Expr | None = column.parent
    while scope is not None:
        if isinstance(scope, exp.Select | exp.Update | exp.Delete | exp.Insert | exp.Merge):
            if id(scope) not in scopes:
                scopes[id(scope)] = aliased_tables(scope)
            tables = scopes[id(scope)]
            if (
                alias == "excluded"
                and isinstance(scope, exp.Insert)
                and scope.args.get("conflict") is not None
            ):
                return scope.this.this if isinstance(scope.this, exp.Schema) else scope.this  # type: ignore[no-any-return]
            if alias in tables:
                return tables[alias]
        scope = scope.parent
    return None


def _table_of(source: exp.Expr | None, scan: Scan) -> str:
    """The database table behind a column's alias; '' when it is none."""
    is_table = isinstance(source, exp.Table) and source.db and table_name(source) not in scan.local
    return table_name(source) if is_table and isinstance(source, exp.Table) else ""
