"""Finds where a column comes from: through subqueries, CTEs and temporary tables to an expression or a database table."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlglot import exp

from sql_tree.compiler.outputs import aliased_tables, find_cte
from sql_tree.compiler.scan import Scan, table_name

_SCOPES = (exp.Select, exp.Update, exp.Delete, exp.Insert, exp.Merge)
_DEPTH = 12  # of subqueries; a recursive CTE ends here


class Base(NamedTuple):
    """A column of a database table."""

    table: str
    column: str


Origin = exp.Expr | Base


def origins(column: exp.Column, scan: Scan) -> list[Origin]:
    """What a column stands for, one for each branch of a UNION; empty when that is not certain."""
    source = source_of(column)
    return list(_of_source(source, column.name.lower(), scan, _DEPTH)) if source is not None else []


def source_of(column: exp.Column) -> exp.Expr | None:
    """The table or subquery that a column names by its alias, or the only one that its statement has."""
    scope = column.parent
    while scope is not None:
        if isinstance(scope, _SCOPES):
            sources = aliased_tables(scope)
            if column.table:
                if column.table.lower() in sources:
                    return sources[column.table.lower()]
            else:
                return next(iter(sources.values())) if len(sources) == 1 else None
        scope = scope.parent
    return None


def _of_source(source: exp.Expr, name: str, scan: Scan, depth: int) -> Iterator[Origin]:
    if depth == 0:
        return
    alias = source.args.get("alias")
    renamed = [column.name.lower() for column in (alias.columns if alias is not None else ())]
    query: exp.Expr | None = None
    if isinstance(source, exp.Subquery | exp.Lateral):
        query = source.this
    elif isinstance(source, exp.Table):
        if source.db:
            yield Base(table_name(source), name)
            return
        cte = find_cte(source)
        if cte is not None:
            query = cte.this
            renamed = renamed or [column.name.lower() for column in cte.args["alias"].columns]
        else:
            query = scan.local.get(source.name.lower())
    if query is not None:
        yield from _of_query(query, name, renamed, scan, depth - 1)


def _of_query(query: exp.Expr, name: str, renamed: list[str], scan: Scan, depth: int) -> Iterator[Origin]:
    query = query.unnest() if isinstance(query, exp.Subquery) else query
    if isinstance(query, exp.SetOperation):
        # the first branch names the columns of all
        renamed = renamed or (
            [] if query.is_star else [selected.alias_or_name.lower() for selected in query.selects]
        )
        for side in (query.left, query.right):
            yield from _of_query(side, name, renamed, scan, depth)
    elif isinstance(query, exp.Select):
        if name in renamed:
            at = renamed.index(name)
            if at < len(query.selects) and not any(selected.is_star for selected in query.selects[: at + 1]):
                yield query.selects[at].unalias()
            return
        named = [selected for selected in query.selects if selected.alias_or_name.lower() == name]
        if named:
            yield named[0].unalias()
        else:
            yield from _of_star(query, name, scan, depth)


def _of_star(query: exp.Select, name: str, scan: Scan, depth: int) -> Iterator[Origin]:
    """The column behind `*` or `alias.*`, when only one table can have it."""
    sources = aliased_tables(query)
    stars = [selected for selected in query.selects if selected.is_star]
    if len(stars) != 1:
        return
    star = stars[0]
    if isinstance(star, exp.Column):
        source = sources.get(star.table.lower())
    else:
        source = next(iter(sources.values())) if len(sources) == 1 else None
    if source is not None:
        yield from _of_source(source, name, scan, depth)
