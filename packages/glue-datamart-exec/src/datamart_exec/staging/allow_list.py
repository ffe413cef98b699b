"""The allow list: Spark SQL constructs that give the same result in DuckDB, each with its allowed parts.

To add a construct, name its syntax node and its allowed parts here, add a `CHECKS` entry when its values matter too,
and add a case to `tests/parity_cases.py`, which compares both engines over edge values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from datamart_exec.errors import DatamartError

# syntax node -> its allowed parts
CONSTRUCTS: dict[type[exp.Expr], frozenset[str]] = {
    node: frozenset(parts.split())
    for node, parts in {
        exp.Select: "expressions from_ joins where group having with_ distinct hint",
        exp.Union: "this expression distinct with_",
        exp.With: "expressions",
        exp.CTE: "this alias",
        exp.From: "this",
        exp.Join: "this on side kind",
        exp.Where: "this",
        exp.Group: "expressions",
        exp.Having: "this",
        exp.Hint: "expressions",
        exp.JoinHint: "this expressions",
        exp.Distinct: "expressions",
        exp.Subquery: "this alias",
        exp.Table: "this db alias",
        exp.TableAlias: "this",
        exp.Alias: "this alias",
        exp.Column: "this table",
        exp.Identifier: "this quoted",
        exp.Star: "",
        exp.Literal: "this is_string",
        exp.Null: "",
        exp.Boolean: "this",
        exp.Neg: "this",
        exp.Paren: "this",
        exp.And: "this expression",
        exp.Or: "this expression",
        exp.Not: "this",
        exp.Is: "this expression",
        exp.EQ: "this expression",
        exp.NEQ: "this expression",
        exp.LT: "this expression",
        exp.LTE: "this expression",
        exp.GT: "this expression",
        exp.GTE: "this expression",
        exp.NullSafeEQ: "this expression",
        exp.Between: "this low high",
        exp.In: "this expressions",
        exp.Like: "this expression negate",
        exp.Case: "this ifs default",
        exp.If: "this true false",
        exp.Cast: "this to",
        exp.TryCast: "this to requires_string",
        exp.TsOrDsToDate: "this safe",
        exp.DataType: "this expressions nested",
        exp.DataTypeParam: "this",
        exp.Coalesce: "this expressions",
        exp.Nullif: "this expression",
        exp.Upper: "this",
        exp.Lower: "this",
        exp.Trim: "this position",
        exp.Concat: "expressions safe coalesce",
        exp.DPipe: "this expression safe",
        exp.Substring: "this start length",
        exp.Length: "this",
        exp.Pad: "this expression fill_pattern is_left",
        exp.Window: "this partition_by order over",
        exp.Order: "expressions",
        exp.Ordered: "this desc nulls_first",
        exp.RowNumber: "",
        exp.Rank: "",
        exp.DenseRank: "",
        exp.Max: "this",
        exp.Min: "this",
        exp.Count: "this big_int",
    }.items()
}
CLOCKS = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.Localtimestamp)
CLOCK_NAMES = frozenset({"NOW", "CURDATE", "UNIX_TIMESTAMP"})


def check(tree: exp.Expr, script: str) -> None:
    """Raise `DatamartError` for the first construct that is not on the list; it names script and construct."""
    for node in tree.walk():
        if isinstance(node, CLOCKS) or (isinstance(node, exp.Anonymous) and node.name.upper() in CLOCK_NAMES):
            raise DatamartError(
                f"{script}: {_name(node)} is the wall clock, a replay would load something else;"
                " use a token such as {ETL_START_TIMESTAMP}"
            )
        allowed = CONSTRUCTS.get(type(node))
        if allowed is None:
            raise _refused(
                script, f"{_kind(node)} {_name(node)}", "is not on the list of constructs proven equal"
            )
        extra = [part for part, value in node.args.items() if value and part not in allowed]
        if extra:
            raise _refused(
                script,
                f"{_name(node)} with {', '.join(extra)}",
                "is not on the list of constructs proven equal",
            )
        problem = CHECKS[type(node)](node) if type(node) in CHECKS else None
        if problem:
            raise _refused(script, _name(node), problem)


def _refused(script: str, what: str, why: str) -> DatamartError:
    return DatamartError(
        f"{script}: {what} {why} in Spark and DuckDB; write it with others, or prove it: a case in"
        " tests/parity_cases.py and an entry in staging/allow_list.py"
    )


def _kind(node: exp.Expr) -> str:
    return "function" if isinstance(node, exp.Func) else "construct"


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Func):
        return node.sql("spark").partition("(")[0].upper()  # as the script's author spells it
    return type(node).__name__.upper()


def _whole_literals(nodes: Iterable[exp.Expr | None], least: int) -> bool:
    return all(isinstance(node, exp.Literal) and node.is_int and int(node.this) >= least for node in nodes)


def _join(node: exp.Expr) -> str | None:
    side, kind = node.args.get("side") or "", node.args.get("kind") or ""
    if side not in ("", "LEFT") or kind not in ("", "INNER", "OUTER", "CROSS"):
        return (
            f"of kind {side} {kind}".rstrip() + " is not among INNER, LEFT and CROSS, which are proven equal"
        )
    if kind != "CROSS" and node.args.get("on") is None:
        return "without ON is not proven equal"
    return None


def _literal(node: exp.Expr) -> str | None:
    text = str(node.this)
    if node.args.get("is_string"):
        return "with a backslash or a control character is not proven equal" if not _plain(text) else None
    return None if text.replace(".", "", 1).isdigit() else "in exponent notation is not proven equal"


def _plain(text: str) -> bool:
    return "\\" not in text and all(character.isprintable() for character in text)


def _like(node: exp.Expr) -> str | None:
    pattern = node.args["expression"]
    return None if pattern.is_string else "with a pattern that is not a literal is not proven equal"


def _substring(node: exp.Expr) -> str | None:
    bounds = [node.args.get("start"), *filter(None, [node.args.get("length")])]
    return (
        None
        if _whole_literals(bounds, 1)
        else "with bounds other than literals from 1 up is not proven equal"
    )


def _pad(node: exp.Expr) -> str | None:
    fill = node.args.get("fill_pattern")
    if _whole_literals([node.args["expression"]], 0) and fill is not None and fill.is_string and fill.name:
        return None
    return "with a length or a filling that is not a literal is not proven equal"


def _in(node: exp.Expr) -> str | None:
    return None if node.args.get("expressions") else "over a subquery is not proven equal"


def _neg(node: exp.Expr) -> str | None:
    return None if isinstance(node.this, exp.Literal) else "of anything but a literal is not proven equal"


def _is(node: exp.Expr) -> str | None:
    return None if isinstance(node.expression, exp.Null) else "with anything but NULL is not proven equal"


def _subquery(node: exp.Expr) -> str | None:
    inside = isinstance(node.parent, (exp.From, exp.Join, exp.Union))
    return None if inside else "as a value is not proven equal"


def _distinct(node: exp.Expr) -> str | None:
    return None if isinstance(node.parent, (exp.Select, exp.Count)) else "here is not proven equal"


def _count(node: exp.Expr) -> str | None:
    inner = node.this
    if isinstance(inner, exp.Distinct) and len(inner.expressions) != 1:
        return "of several distinct values is not proven equal"
    return None


CHECKS: dict[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
    exp.Join: _join,
    exp.Literal: _literal,
    exp.Like: _like,
    exp.Substring: _substring,
    exp.Pad: _pad,
    exp.In: _in,
    exp.Neg: _neg,
    exp.Is: _is,
    exp.Subquery: _subquery,
    exp.Distinct: _distinct,
    exp.Count: _count,
}
