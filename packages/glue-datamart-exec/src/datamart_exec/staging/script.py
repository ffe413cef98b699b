"""A parsed staging script: one SELECT in Spark SQL, its source tables, and the partitions it can need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from datamart_exec.dates import iso_date
from datamart_exec.errors import DatamartError
from datamart_exec.staging import allow_list, spellings

PARTITION_COLUMN = "dart_filedate"


@dataclass(frozen=True, slots=True)
class Reference:
    """One place where the script reads a source table; `view` is the table's name in the translated script."""

    view: str
    database: str
    table: str
    first_date: date | None  # bounds of the partition column, inclusive; None where the script gives none
    last_date: date | None

    @property
    def name(self) -> str:
        return f"`{self.database}`.`{self.table}`"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The checked syntax tree; each source table in it has the name of its view."""

    script: str
    tree: exp.Query
    references: tuple[Reference, ...]


def parse(script: str, text: str) -> Parsed:
    """Parse and check a script with bound tokens; every error names the script."""
    tree = _one_select(script, text)
    spellings.unify(tree, text)
    allow_list.check(tree, script)
    references: list[Reference] = []
    for scope in traverse_scope(tree):
        for alias, source in list(scope.sources.items()):
            if isinstance(source, exp.Table):
                references.append(_reference(script, scope, alias, source, f"source_{len(references) + 1}"))
    if not references:
        raise DatamartError(f"{script} reads no source table")
    return Parsed(script, tree, tuple(references))


def _one_select(script: str, text: str) -> exp.Query:
    try:
        trees = [tree for tree in sqlglot.parse(text, read="spark") if tree is not None]
    except SqlglotError as error:
        reason = str(error).splitlines()[0].strip()
        raise DatamartError(f"{script} cannot be parsed as Spark SQL: {reason}") from error
    if not trees:
        raise DatamartError(f"{script} holds no statement; write one SELECT")
    if len(trees) > 1 or not isinstance(trees[0], exp.Query):
        kinds = ", ".join(type(tree).__name__.upper() for tree in trees)
        raise DatamartError(f"{script} must be one SELECT, found {len(trees)} statements: {kinds}")
    return trees[0]


def _reference(script: str, scope: Scope, alias: str, table: exp.Table, view: str) -> Reference:
    if not table.db:
        raise DatamartError(
            f"{script}: table {table.name} has no database; write `fsa-{{env}}-cars`.`{table.name}`"
        )
    first, last = _bounds(scope, alias, table)
    reference = Reference(view, table.db.lower(), table.name.lower(), first, last)
    table.set("alias", exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    table.set("db", None)
    table.set("this", exp.to_identifier(view))
    return reference


def _bounds(scope: Scope, alias: str, table: exp.Table) -> tuple[date | None, date | None]:
    """The dates of the partition column that the result can need. Only filters that every row must pass count."""
    first: date | None = None
    last: date | None = None
    alone = len(scope.sources) == 1
    for condition in _filters(scope.expression, table):
        low, high = _range(condition, alias, alone=alone)
        first = low if first is None or (low and low > first) else first
        last = high if last is None or (high and high < last) else last
    return first, last


def _filters(select: exp.Expr, table: exp.Table) -> list[exp.Expr]:
    conditions = [select.args["where"].this] if select.args.get("where") else []
    join = table.find_ancestor(exp.Join, exp.Select)
    if isinstance(join, exp.Join) and join.this is table and join.args.get("on") and not _keeps_right(join):
        conditions.append(join.args["on"])
    inner = (other for other in select.args.get("joins") or () if _drops_left(other))
    conditions.extend(other.args["on"] for other in inner if other is not join and other.args.get("on"))
    return [part for condition in conditions for part in _conjuncts(condition)]


def _keeps_right(join: exp.Join) -> bool:
    """Whether rows of the joined table pass without meeting ON."""
    return join.args.get("side") in ("RIGHT", "FULL")


def _drops_left(join: exp.Join) -> bool:
    """Whether rows before the join pass only when they meet ON."""
    semi = join.args.get("kind") == "SEMI"
    return semi or not (join.args.get("side") or join.args.get("kind") == "ANTI")


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        return [*_conjuncts(condition.this), *_conjuncts(condition.expression)]
    return [condition]


def _range(condition: exp.Expr, alias: str, *, alone: bool) -> tuple[date | None, date | None]:
    """The dates that this condition admits for the alias' partition column; (None, None) means any."""
    nothing = (None, None)
    column = condition.this
    if isinstance(condition, (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE)):
        value = _date(condition.expression)
        flipped = value is None
        if flipped:
            column, value = condition.expression, _date(condition.this)
        if value is None or not _is_partition(column, alias, alone=alone):
            return nothing
        if isinstance(condition, exp.EQ):
            return value, value
        upper = isinstance(condition, (exp.LT, exp.LTE)) is not flipped
        return (None, value) if upper else (value, None)  # a strict bound is one day too wide: still correct
    if not _is_partition(column, alias, alone=alone):
        return nothing
    if isinstance(condition, exp.Between):
        return _date(condition.args["low"]), _date(condition.args["high"])
    if isinstance(condition, exp.In):
        dates = [_date(each) for each in condition.expressions]
        known = [each for each in dates if each is not None]
        return (min(known), max(known)) if known and len(known) == len(dates) else nothing
    return nothing


def _is_partition(node: exp.Expr | None, alias: str, *, alone: bool) -> bool:
    if not isinstance(node, exp.Column) or node.name.lower() != PARTITION_COLUMN:
        return False
    return node.table.lower() == alias.lower() or (alone and not node.table)


def _date(node: exp.Expr | None) -> date | None:
    if isinstance(node, (exp.Cast, exp.TryCast)) and node.to.this == exp.DataType.Type.DATE:
        node = node.this
    if not isinstance(node, exp.Literal) or not node.is_string:
        return None
    try:
        return iso_date(node.name)
    except ValueError:
        return None
