"""Where the value of an expression ends up: the types of the columns it is stored in, when it is only stored."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from sql_tree.compiler.outputs import aliased_tables, output_columns
from sql_tree.compiler.scan import Scan, table_name

Types = Mapping[str, Mapping[str, str]]
_DEEPEST = 6  # queries within queries
_NAMING = (exp.CTE, exp.Subquery, exp.Create, exp.From, exp.Join, exp.Lateral)
_SCOPES = (exp.Select, exp.Update, exp.Delete, exp.Insert, exp.Merge)


@dataclass(frozen=True)
class Sinks:
    """Follows a value of one statement to the columns that store it."""

    scan: Scan
    statement: exp.Expr
    types: Types

    def of(self, node: exp.Expr, depth: int = 0) -> list[str] | None:
        """The types of the columns that store the value; None when it is compared, computed with, or lost from sight."""
        child = node
        while child.parent is not None and depth < _DEEPEST:
            parent, role = child.parent, child.arg_key
            if isinstance(parent, exp.Select):
                return self._selected(child, parent, depth) if role == "expressions" else None
            if isinstance(parent, exp.EQ) and role == "expression":
                return self._assigned(parent)
            if isinstance(parent, exp.Tuple) and isinstance(parent.parent, exp.Values):
                return self._value(parent, child)
            if not _passes(parent, role):
                return None
            child = parent
        return None

    def _assigned(self, change: exp.EQ) -> list[str] | None:
        owner = change.parent
        if change.arg_key != "expressions" or not isinstance(change.this, exp.Column):
            return None
        if isinstance(owner, exp.OnConflict):
            owner = owner.parent
        if not isinstance(owner, exp.Update | exp.Insert):
            return None
        target = owner.this.this if isinstance(owner.this, exp.Schema) else owner.this
        return self._typed(target, change.this.name)

    def _typed(self, target: exp.Expr | None, column: str) -> list[str] | None:
        if not isinstance(target, exp.Table):
            return None
        found = self.types.get(table_name(target), {}).get(column.lower())
        return [found] if found else None

    def _value(self, row: exp.Tuple, value: exp.Expr) -> list[str] | None:
        insert = row.parent.parent if row.parent is not None else None
        if not isinstance(insert, exp.Insert):
            return None
        return self._stored(insert, [id(one) for one in row.expressions].index(id(value)))

    def _stored(self, insert: exp.Insert, at: int) -> list[str] | None:
        """The type of the column that takes the value at a place of an INSERT."""
        if isinstance(insert.this, exp.Schema):
            names = [column.name for column in insert.this.expressions]
            return self._typed(insert.this.this, names[at]) if at < len(names) else None
        names = (
            list(self.types.get(table_name(insert.this), {})) if isinstance(insert.this, exp.Table) else []
        )
        return self._typed(insert.this, names[at]) if at < len(names) else None

    def _selected(self, child: exp.Expr, select: exp.Select, depth: int) -> list[str] | None:
        at = [id(one) for one in select.expressions].index(id(child))
        outer, role = _outer(select)
        if isinstance(outer, exp.Insert) and role == "expression":
            starred = any(one.is_star for one in select.expressions[:at])
            return None if starred else self._stored(outer, at)
        name = child.alias_or_name.lower()
        if outer is None and self.scan.script.layer == "STG":
            found = self.types.get(f"cars_stg.{self.scan.script.table.lower()}", {}).get(name)
            return [found] if found else None
        named = isinstance(outer, exp.CTE) or (isinstance(outer, exp.Subquery) and role == "this")
        alias = outer.args.get("alias") if outer is not None else None
        if not named or not name or alias is None or alias.args.get("columns"):
            return None
        return self._read_by_name(name, select, depth)

    def _read_by_name(self, name: str, select: exp.Select, depth: int) -> list[str] | None:
        """Every use of a column of a query, up to the columns that store it."""
        found: list[str] = []
        for column in self.scan.every(self.statement, exp.Column):
            if column.name.lower() != name or _inside(column, select) or _is_stored_column(column):
                continue
            types = self.of(column, depth + 1)
            if types is None:
                return None
            found += types
        starred = self._through_stars(name)
        return None if starred is None else [*found, *starred]

    def _through_stars(self, name: str) -> list[str] | None:
        if not any(True for _ in self.scan.every(self.statement, exp.Star)):
            return []
        if not isinstance(self.statement, exp.Insert) or self.statement.expression is None:
            return None
        created = {table: list(columns) for table, columns in self.types.items()}
        names = output_columns(self.statement.expression.unnest(), created)
        if names is None or names.count(name) > 1:
            return None
        return self._stored(self.statement, names.index(name)) if name in names else []


def _passes(parent: exp.Expr, role: str | None) -> bool:
    """Whether an expression hands on the value of this part of it as it is."""
    if isinstance(parent, exp.Paren | exp.Alias | exp.Coalesce):
        return True
    if isinstance(parent, exp.If):
        return role in ("true", "false")
    if isinstance(parent, exp.Case):
        return role in ("ifs", "default")
    return isinstance(parent, exp.Cast) and parent.to.is_type(exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ)


def _outer(select: exp.Select) -> tuple[exp.Expr | None, str | None]:
    """What a query belongs to, with the part that it is there; a UNION and unnamed parentheses are skipped."""
    node: exp.Expr = select
    while isinstance(node.parent, exp.SetOperation) or (
        isinstance(node.parent, exp.Subquery) and node.parent.args.get("alias") is None
    ):
        node = node.parent
    return node.parent, node.arg_key


def is_named_output(node: exp.Expr) -> bool:
    """Whether a value gives a column of a query its name, which a reader of that query may use."""
    child = node
    while isinstance(child.parent, exp.Paren | exp.Cast):
        child = child.parent
    select = child.parent
    if not isinstance(select, exp.Select) or child.arg_key != "expressions":
        return False
    outer, _ = _outer(select)
    return outer is None or isinstance(outer, _NAMING)


def _inside(node: exp.Expr, query: exp.Expr) -> bool:
    above: exp.Expr | None = node
    while above is not None and above is not query:
        above = above.parent
    return above is query


def _is_stored_column(column: exp.Column) -> bool:
    """Whether the column is one of a database table, or the one that an UPDATE sets."""
    if column.arg_key == "this" and isinstance(column.parent, exp.EQ):
        owner = column.parent.parent
        if column.parent.arg_key == "expressions" and isinstance(owner, exp.Update | exp.OnConflict):
            return True
    source = source_of(column)
    return isinstance(source, exp.Table) and bool(source.db)


def source_of(column: exp.Column) -> exp.Expr | None:
    """What a column is read from: the table or query behind its alias, or the only one there is."""
    scope: exp.Expr | None = column.parent
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


def column_type(column: exp.Column, scan: Scan, types: Types) -> str | None:
    """The type that the DDL gives a column; None when its table is not certain."""
    source = source_of(column)
    if not isinstance(source, exp.Table) or not source.db or table_name(source) in scan.local:
        return None
    return types.get(table_name(source), {}).get(column.name.lower())


def base_type(kind: str) -> str:
    """A type without its length: `decimal(18, 4)` is `decimal`."""
    return kind.partition("(")[0].strip()
