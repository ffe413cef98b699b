"""Evaluates what an expression makes of each operation code that change capture sends."""

from sqlglot import exp

Mapping = tuple[str | None, str | None, str | None, str | None]  # of I, U, D and NULL
MAPPED: tuple[Mapping, Mapping] = (("I", "UN", "D", "I"), ("I", "UN", "D", None))


class _UnknownError(Exception):
    """The expression holds something that is not evaluated here."""


def operation_map(expression: exp.Expr) -> Mapping | None:
    """The results for I, U, D and NULL; None when the expression reads more than one column or is not simple."""
    columns = {column.sql().lower() for column in expression.find_all(exp.Column)}
    if len(columns) != 1 or next(iter(columns)).rpartition(".")[2].strip('`"') != "op":
        return None
    try:
        first, second, third, last = (_value(expression, code) for code in ("I", "U", "D", None))
    except _UnknownError:
        return None
    return first, second, third, last


def _value(node: exp.Expr | None, code: str | None) -> str | None:
    match node:
        case None | exp.Null():
            return None
        case exp.Column():
            return code
        case exp.Literal() if node.is_string:
            return str(node.name)
        case exp.Paren():
            return _value(node.this, code)
        case exp.Coalesce():
            parts = (_value(part, code) for part in (node.this, *node.expressions))
            return next((part for part in parts if part is not None), None)
        case exp.Case():
            for branch in node.args["ifs"]:
                if _holds(branch.this, node.this, code):
                    return _value(branch.args["true"], code)
            return _value(node.args.get("default"), code)
    raise _UnknownError


def _holds(condition: exp.Expr, operand: exp.Expr | None, code: str | None) -> bool:
    """Whether a condition is true; NULL is not."""
    if operand is not None:
        return _equal(operand, condition, code)
    match condition:
        case exp.EQ():
            return _equal(condition.this, condition.expression, code)
        case exp.In() if not condition.args.get("query"):
            return any(_equal(condition.this, value, code) for value in condition.expressions)
        case exp.Is() if isinstance(condition.expression, exp.Null):
            return _value(condition.this, code) is None
        case exp.Or():
            return _holds(condition.this, None, code) or _holds(condition.expression, None, code)
        case exp.And():
            return _holds(condition.this, None, code) and _holds(condition.expression, None, code)
        case exp.Paren():
            return _holds(condition.this, None, code)
    raise _UnknownError


def _equal(left: exp.Expr, right: exp.Expr, code: str | None) -> bool:
    first, second = _value(left, code), _value(right, code)
    return first is not None and first == second
