"""Refuses values of different type families in one expression: Spark SQL and DuckDB convert them differently."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from datamart_exec.dates import iso_date
from datamart_exec.errors import DatamartError
from datamart_exec.staging import arithmetic_types, functions
from datamart_exec.staging.families import family, is_whole, short

T = exp.DataType.Type
COMPARISONS = (
    exp.EQ,
    exp.NEQ,
    exp.LT,
    exp.LTE,
    exp.GT,
    exp.GTE,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Between,
    exp.In,
)
TEXT_ONLY = (exp.DPipe, exp.Like)
TAKES = {  # what functions.py says a part takes -> families; "whole number" asks for the type
    functions.TEXT: {"text"},
    functions.NUMBER: {"number"},
    functions.ANY_NUMBER: {"number", "float"},
    functions.DAY: {"date", "timestamp"},
    functions.TRUTH: {"boolean"},
}


def check(script: str, tree: exp.Expr) -> None:
    """Raise where families mix. A string literal compared with a date or timestamp becomes one first, as in Spark."""
    for node in list(tree.walk()):
        if isinstance(node, COMPARISONS):
            _type_literals(script, node)
            _one_family(script, node, operands(node), comparing=True)
        elif isinstance(node, exp.SetOperation):
            _same_columns(script, node)
        for values in branches(node):
            _one_family(script, node, values, comparing=isinstance(node, exp.Nullif))
        if isinstance(node, TEXT_ONLY):
            _all_of(script, node, operands(node), {"text"}, "text")
        _all_of(script, node, _conditions(node), {"boolean"}, "boolean")
        _function(script, node)
        arithmetic_types.check(script, node)


def operands(node: exp.Expr) -> list[exp.Expr]:
    return [each for each in node.iter_expressions() if not isinstance(each, exp.DataType)]


def branches(node: exp.Expr) -> list[list[exp.Expr]]:
    """The groups of values in a node; each group must be of one family."""
    if isinstance(node, (exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least)):
        return [operands(node)]
    if isinstance(node, (exp.Lag, exp.Lead)):
        return [[each for each in (node.this, node.args.get("default")) if each is not None]]
    if isinstance(node, exp.If):
        return [[each for each in (node.args.get("true"), node.args.get("false")) if each is not None]]
    if not isinstance(node, exp.Case):
        return []
    ifs, default = node.args["ifs"], node.args.get("default")
    results = [each.args["true"] for each in ifs] + ([default] if default is not None else [])
    return [results] if node.this is None else [results, [node.this, *(each.this for each in ifs)]]


def _function(script: str, node: exp.Expr) -> None:
    """Check the operands of a function against what its row takes."""
    row = functions.FUNCTIONS.get(type(node))
    for part, takes in row.parts.items() if row else ():
        found = node.args.get(part)
        values = [
            each for each in (found if isinstance(found, list) else [found]) if isinstance(each, exp.Expr)
        ]
        values = [
            inner
            for each in values
            for inner in (each.expressions if isinstance(each, exp.Distinct) else [each])
        ]
        if takes in TAKES:
            _all_of(script, node, values, TAKES[takes], takes)
        elif takes == functions.WHOLE and not all(is_whole(each) for each in values):
            raise DatamartError(f"{script}: {short(node)} takes whole numbers (INT or BIGINT); CAST it")


def _conditions(node: exp.Expr) -> list[exp.Expr]:
    """The operands that must be true or false."""
    if isinstance(node, (exp.And, exp.Or, exp.Not)):
        return operands(node)
    if isinstance(node, (exp.Where, exp.Having)) or (
        isinstance(node, exp.Is) and isinstance(node.expression, exp.Boolean)
    ):
        return [node.this]
    if isinstance(node, exp.Join) and node.args.get("on"):
        return [node.args["on"]]
    of_value = isinstance(node.parent, exp.Case) and node.parent.this is not None  # CASE x WHEN value
    return [node.this] if isinstance(node, exp.If) and not of_value else []


def _type_literals(script: str, node: exp.Expr) -> None:
    wanted = {family(each) for each in operands(node)} & {"date", "timestamp"}
    if len(wanted) != 1:
        return
    for each in operands(node):
        if isinstance(each, exp.Literal) and each.is_string:
            kind = wanted_type(script, each.name, next(iter(wanted)))
            each.replace(annotated(exp.Cast(this=each.copy(), to=exp.DataType(this=kind)), kind))


def wanted_type(script: str, text: str, kind: str) -> exp.DType:
    """DATE or TIMESTAMP for a literal; a literal compared with a date must be a date."""
    if kind == "timestamp":
        return T.TIMESTAMP
    try:
        iso_date(text)
    except ValueError as error:
        raise DatamartError(f"{script}: the literal compared with a date {error}") from error
    return T.DATE


def annotated(node: exp.Expr, kind: exp.DType) -> exp.Expr:
    """Set the type of a node that was made after the types were annotated."""
    node.type = exp.DataType(this=kind)
    return node


def _one_family(script: str, node: exp.Expr, values: Iterable[exp.Expr], *, comparing: bool) -> None:
    found = {family(each) for each in values} - {"null"}
    if comparing and found == {"date", "timestamp"}:
        return  # both engines compare with the midnight of the date
    if len(found) > 1 or "unknown" in found:
        raise DatamartError(
            f"{script}: {short(node)} mixes {' and '.join(sorted(found))}, which Spark and DuckDB convert differently;"
            " CAST one side"
        )


def _all_of(script: str, node: exp.Expr, values: Iterable[exp.Expr], wanted: set[str], name: str) -> None:
    others = {family(each) for each in values} - {"null"} - wanted
    if others:
        raise DatamartError(
            f"{script}: {short(node)} takes {name}, found {' and '.join(sorted(others))}; CAST it"
        )


def _same_columns(script: str, node: exp.SetOperation) -> None:
    left, right = node.left.selects, node.right.selects
    if len(left) != len(right):
        raise DatamartError(f"{script}: {node.key.upper()} of {len(left)} and {len(right)} columns")
    for one, other in zip(left, right, strict=True):
        families = {family(one), family(other)} - {"null"}
        if len(families) > 1:
            raise DatamartError(
                f"{script}: {node.key.upper()} mixes {' and '.join(sorted(families))} in column {one.alias_or_name};"
                " CAST one side"
            )
