"""What the values of parts of syntax must be: each check returns why a node is not proven equal, or None."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from datamart_exec.staging.argument_checks import is_whole

SIDES = {
    ("", ""),
    ("", "INNER"),
    ("LEFT", ""),
    ("LEFT", "OUTER"),
    ("RIGHT", ""),
    ("RIGHT", "OUTER"),
    ("FULL", ""),
}
JOINS = SIDES | {
    ("FULL", "OUTER"),
    ("LEFT", "SEMI"),
    ("LEFT", "ANTI"),
    ("", "SEMI"),
    ("", "ANTI"),
    ("", "CROSS"),
}
INTERVALS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


def _join(node: exp.Expr) -> str | None:
    side, kind = node.args.get("side") or "", node.args.get("kind") or ""
    if (side, kind) not in JOINS:
        return (
            f"of kind {side} {kind}".rstrip() + " is not among INNER, LEFT, RIGHT, FULL, SEMI, ANTI and CROSS"
        )
    if kind != "CROSS" and node.args.get("on") is None:
        return "without ON is not proven equal"
    return None


def _literal(node: exp.Expr) -> str | None:
    text = str(node.this)
    if node.args.get("is_string"):
        return "with a backslash or a control character is not proven equal" if not _plain(text) else None
    if not text.replace(".", "", 1).isdigit():
        return "in exponent notation is not proven equal"
    digits = text.replace(".", "").lstrip("0")
    too_large = len(digits) > 38 if "." in text else int(text) >= 2**63
    return "of more digits than a BIGINT or DECIMAL(38) has is not proven equal" if too_large else None


def _plain(text: str) -> bool:
    return "\\" not in text and all(character.isprintable() for character in text)


def _like(node: exp.Expr) -> str | None:
    return None if node.expression.is_string else "with a pattern that is not a literal is not proven equal"


def _escape(node: exp.Expr) -> str | None:
    mark = node.expression.name
    if not isinstance(node.this, exp.Like) or not node.expression.is_string or len(mark) != 1 or mark in "%_":
        return "other than one literal character after LIKE is not proven equal"
    pattern, position = node.this.expression.name, 0
    while position < len(pattern):
        if pattern[position] == mark:
            position += 1
            if pattern[position : position + 1] not in ("%", "_", mark) or position >= len(pattern):
                return f"'{mark}' before anything but %, _ and itself is an error in Spark"
        position += 1
    return None


def _interval(node: exp.Expr) -> str | None:
    unit, amount = node.args.get("unit"), node.this
    if not isinstance(node.parent, (exp.Add, exp.Sub)) or node.arg_key != "expression":
        return "is proven equal only after + and -"
    known = isinstance(unit, exp.Var) and unit.name.upper().removesuffix("S") in INTERVALS
    if known and isinstance(amount, exp.Literal) and amount.name.isdecimal() and len(amount.name) < 6:
        return None
    return f"other than a whole number of {', '.join(INTERVALS)} is not proven equal"


def _in(node: exp.Expr) -> str | None:
    return None if node.args.get("expressions") else "over a subquery is not proven equal"


def _is(node: exp.Expr) -> str | None:
    known = isinstance(node.expression, (exp.Null, exp.Boolean))
    return None if known else "with anything but NULL, TRUE and FALSE is not proven equal"


def _subquery(node: exp.Expr) -> str | None:
    inside = isinstance(node.parent, (exp.From, exp.Join, exp.SetOperation))
    return None if inside else "as a value is not proven equal"


def _set_operation(node: exp.Expr) -> str | None:
    return None if node.args.get("distinct") else "ALL is not proven equal"


def _distinct(node: exp.Expr) -> str | None:
    return None if isinstance(node.parent, (exp.Select, exp.Count, exp.Sum)) else "here is not proven equal"


def _frame(node: exp.Expr) -> str | None:
    bounds = [node.args.get("start"), node.args.get("end")]
    whole = node.args.get("kind") == "ROWS" or all(isinstance(each, str) for each in bounds)
    known = all(each is None or isinstance(each, str) or is_whole(each) for each in bounds)
    return None if whole and known else "other than ROWS of literal bounds is not proven equal"


CHECKS: dict[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
    exp.Join: _join,
    exp.Literal: _literal,
    exp.Like: _like,
    exp.Escape: _escape,
    exp.Interval: _interval,
    exp.In: _in,
    exp.Is: _is,
    exp.Subquery: _subquery,
    exp.Intersect: _set_operation,
    exp.Except: _set_operation,
    exp.Distinct: _distinct,
    exp.WindowSpec: _frame,
}
