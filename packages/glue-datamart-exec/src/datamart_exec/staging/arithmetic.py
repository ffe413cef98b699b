"""Rewrites numbers: each result is computed and given in Spark's type, so that only a real overflow ends the query."""

from __future__ import annotations

from sqlglot import exp

from datamart_exec.staging.families import WHOLE, family

T = exp.DataType.Type
NARROW = 18  # digits up to which DuckDB multiplies decimals without widening them


def rewritten(node: exp.Expr) -> exp.Expr | None:
    """The node as DuckDB must compute it; None for one that it computes as Spark does."""
    if isinstance(node, (exp.Add, exp.Sub)) and family(node) in ("date", "timestamp"):
        return _cast(node, node.type) if family(node) == "date" else None
    if isinstance(node, exp.Div):
        return _division(node)
    if isinstance(node, exp.IntDiv):
        return _cast(_binary(node, "HUGEINT", "HUGEINT"), "BIGINT")
    if isinstance(node, exp.Mod):
        common = _common(node)
        return _cast(_binary(node, common, common), node.type)
    if isinstance(node, (exp.Add, exp.Sub)) and family(node) == "number":
        return _cast(_binary(node, node.type, node.type), node.type)
    if isinstance(node, exp.Mul) and family(node) == "number":
        return _cast(_product(node), node.type)
    if isinstance(node, (exp.Ceil, exp.Floor, exp.Round)):
        return _rounded(node)
    return _summed(node)


def _division(node: exp.Expr) -> exp.Expr:
    """A double; Spark gives NULL for a division by zero."""
    divided = _binary(node, "DOUBLE", "DOUBLE")
    divisor = exp.Nullif(this=divided.expression, expression=exp.Literal.number(0))
    return exp.paren(exp.Div(this=divided.this, expression=divisor, typed=False, safe=False), copy=False)


def _product(node: exp.Expr) -> exp.Expr:
    left, right = (_digits(side) for side in (node.this, node.expression))
    kind = node.type
    if kind is None or kind.this in WHOLE or not left or not right:
        return _binary(node, kind, kind)
    if left[0] <= NARROW and right[0] <= NARROW < left[0] + right[0]:
        left = (38 - right[0], left[1])
    return _binary(node, f"DECIMAL({left[0]},{left[1]})", f"DECIMAL({right[0]},{right[1]})")


def _common(node: exp.Expr) -> exp.DataType | str | None:
    """The type that holds the values of both sides."""
    sides = [_digits(side) for side in (node.this, node.expression)]
    known = [side for side in sides if side]
    if node.type is None or node.type.this != T.DECIMAL or not known:
        return node.type
    scale = max(scale for _, scale in known)
    return f"DECIMAL({max(digits - scale for digits, scale in known) + scale},{scale})"


def _digits(node: exp.Expr) -> tuple[int, int] | None:
    """Precision and scale of a number."""
    kind = node.type
    if isinstance(kind, exp.DataType) and kind.this in WHOLE:
        return (19, 0) if kind.this == T.BIGINT else (10, 0)
    sizes = [int(part.name) for part in kind.expressions] if isinstance(kind, exp.DataType) else []
    return (sizes[0], sizes[1] if len(sizes) > 1 else 0) if sizes else None


def _rounded(node: exp.Expr) -> exp.Expr:
    kind = family(node.this)
    if kind == "number" and node.this.type is not None and node.this.type.this in WHOLE:
        wanted = node.type if isinstance(node, exp.Round) else "BIGINT"
        return _cast(node.this, wanted)
    return _cast(node, node.type if kind == "number" else "BIGINT")


def _summed(node: exp.Expr) -> exp.Expr | None:
    """SUM and COUNT_IF, also over a window, in Spark's type."""
    inner = node.this if isinstance(node, exp.Window) else node
    of_window = inner is node and isinstance(node.parent, exp.Window)
    return _cast(node, inner.type) if isinstance(inner, (exp.Sum, exp.CountIf)) and not of_window else None


def _binary(node: exp.Expr, left: exp.DataType | str | None, right: exp.DataType | str | None) -> exp.Expr:
    return type(node)(this=_cast(node.this, left), expression=_cast(node.expression, right))


def _cast(node: exp.Expr, kind: exp.DataType | str | None) -> exp.Expr:
    """A cast that is already DuckDB's."""
    to = exp.DataType.build(kind, dialect="duckdb") if isinstance(kind, str) else kind
    return exp.Cast(this=node.copy(), to=to.copy() if to is not None else None)
