"""The columns that a query produces, with `*` and `alias.*` expanded as far as the tables are known."""

from collections.abc import Mapping

from sqlglot import exp

from sql_tree.compiler.scan import table_name


def output_columns(query: exp.Expr, created: Mapping[str, list[str]]) -> list[str] | None:
    """Names in order; None when a `*` stands for columns that are not known here."""
    return _Expansion(created).of(query)


def source_columns(source: exp.Expr, created: Mapping[str, list[str]]) -> list[str] | None:
    """The columns of a table, CTE or subquery of a FROM clause; None when they are not known here."""
    return _Expansion(created).source(source)


def aliased_tables(scope: exp.Expr) -> dict[str, exp.Expr]:
    """What each alias of one SELECT, UPDATE, DELETE, INSERT or MERGE stands for."""
    sources: list[exp.Expr] = []
    if isinstance(scope, exp.Update | exp.Delete | exp.Merge) and isinstance(scope.this, exp.Table):
        sources.append(scope.this)
    if isinstance(scope, exp.Insert):
        target = scope.this.this if isinstance(scope.this, exp.Schema) else scope.this
        sources.append(target)
    using = scope.args.get("using")  # a list in DELETE, a table in MERGE
    sources += [one for one in (using if isinstance(using, list) else [using]) if isinstance(one, exp.Expr)]
    clause = scope.args.get("from_")
    if clause is not None:
        sources.append(clause.this)
        sources += [join.this for join in clause.this.args.get("joins") or ()]
    sources += [join.this for join in scope.args.get("joins") or ()]
    sources += list(scope.args.get("laterals") or ())
    return {
        source.alias_or_name.lower(): source
        for source in sources
        if source is not None and source.alias_or_name
    }


class _Expansion:
    def __init__(self, created: Mapping[str, list[str]]) -> None:
        self.created = created

    def of(self, query: exp.Expr) -> list[str] | None:
        if isinstance(query, exp.Subquery):
            return self.of(query.this)
        if isinstance(query, exp.SetOperation):
            return self.of(query.left)
        if not isinstance(query, exp.Select):
            return None
        names: list[str] = []
        for selected in query.selects:
            found = self._selected(selected, query)
            if found is None:
                return None
            names += found
        return names

    def _selected(self, selected: exp.Expr, query: exp.Select) -> list[str] | None:
        whole = isinstance(selected, exp.Star)
        if not whole and not (isinstance(selected, exp.Column) and isinstance(selected.this, exp.Star)):
            return [selected.alias_or_name.lower()]
        star = selected if whole else selected.this
        if any(star.args.values()):
            return None  # EXCEPT, REPLACE
        sources = aliased_tables(query)
        if not whole:
            source = sources.get(selected.args["table"].name.lower())
            return self.source(source) if source is not None else None
        if any(join.args.get("using") or join.method for join in query.args.get("joins") or ()):
            return None
        names: list[str] = []
        for source in sources.values():
            found = self.source(source)
            if found is None:
                return None
            names += found
        return names or None

    def source(self, source: exp.Expr) -> list[str] | None:
        alias = source.args.get("alias")
        renamed = [column.name.lower() for column in (alias.columns if alias is not None else ())]
        found = self._unnamed(source)
        return found if found is None or not renamed else [*renamed, *found[len(renamed) :]]

    def _unnamed(self, source: exp.Expr) -> list[str] | None:
        if isinstance(source, exp.Subquery):
            return self.of(source.this)
        if not isinstance(source, exp.Table):
            return None
        if not source.db:
            return self._cte(source)
        return self.created.get(table_name(source))

    def _cte(self, table: exp.Table) -> list[str] | None:
        cte = find_cte(table)
        if cte is None or getattr(cte.parent, "args", {}).get("recursive"):
            return None
        renamed = [column.name.lower() for column in cte.args["alias"].columns]
        return renamed or self.of(cte.this)


def find_cte(table: exp.Table) -> exp.CTE | None:
    """The CTE that a table without schema names."""
    scope: exp.Expr | None = table.parent
    while scope is not None:
        clause = scope.args.get("with_")
        for cte in clause.expressions if clause is not None else ():
            if cte.alias.lower() == table.name.lower() and not _within(table, cte):
                return cte  # type: ignore[no-any-return]
        scope = scope.parent
    return None


def _within(node: exp.Expr, ancestor: exp.Expr) -> bool:
    scope: exp.Expr | None = node
    while scope is not None:
        if scope is ancestor:
            return True
        scope = scope.parent
    return False
