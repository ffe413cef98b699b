"""Which operands of + - * / % DIV give the same result in Spark and DuckDB; everything else is refused."""

from __future__ import annotations

from sqlglot import exp

from datamart_exec.errors import DatamartError
from datamart_exec.staging.families import family, is_whole, short

ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)
MOMENTS = {"date", "timestamp"}
DAY_UNITS = ("YEAR", "MONTH", "DAY")


def check(script: str, node: exp.Expr) -> None:
    """Raise `DatamartError` for arithmetic over operands that are not proven equal."""
    if isinstance(node, exp.Neg):
        found = {family(node.this)} - {"null"}
        if not found <= {"number", "float"}:
            raise DatamartError(
                f"{script}: {short(node)} takes a number, found {' and '.join(found)}; CAST it"
            )
    if not isinstance(node, ARITHMETIC):
        return
    if isinstance(node.expression, exp.Interval):
        problem = _interval(node)
    elif family(node.this) in MOMENTS or family(node.expression) in MOMENTS:
        problem = _days(node)
    else:
        problem = _numbers(node)
    if problem:
        raise DatamartError(f"{script}: {short(node)} {problem}")


def _interval(node: exp.Expr) -> str:
    unit = node.expression.args["unit"].name.upper().removesuffix("S")
    kind = family(node.this)
    if kind == "timestamp" or (kind == "date" and unit in DAY_UNITS):
        return ""
    if kind == "date":
        return f"adds {unit} to a date; CAST the date to TIMESTAMP first"
    return f"takes a date or timestamp, found {kind}; CAST it"


def _days(node: exp.Expr) -> str:
    if isinstance(node, (exp.Add, exp.Sub)) and family(node.this) == "date" and is_whole(node.expression):
        return ""
    if isinstance(node, exp.Sub):
        return "is an interval in Spark; write DATEDIFF(end, start) for days, MONTHS_BETWEEN, or x - INTERVAL 1 DAY"
    return "is not proven equal in Spark and DuckDB; write DATE_ADD(date, days), or x + INTERVAL 1 DAY"


def _numbers(node: exp.Expr) -> str:
    found = {family(node.this), family(node.expression)} - {"null"}
    whole = is_whole(node.this) and is_whole(node.expression)
    if len(found) > 1:
        return (
            f"mixes {' and '.join(sorted(found))}, which Spark and DuckDB convert differently; CAST one side"
        )
    if not found <= {"number", "float"}:
        return f"takes numbers, found {' and '.join(found)}; CAST it"
    if isinstance(node, exp.Div) and found == {"number"} and not whole:
        return (
            "divides decimals, which Spark rounds to digits of its own; CAST both sides to DOUBLE, or divide in the vault"
            " or mart script, which Postgres runs"
        )
    if isinstance(node, exp.IntDiv) and not whole:
        return "takes whole numbers (INT or BIGINT); CAST both sides"
    if isinstance(node, exp.Mod) and "float" in found:
        return "takes numbers, found float; CAST it"
    return ""
