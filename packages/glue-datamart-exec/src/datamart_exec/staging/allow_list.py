"""The allow list: Spark SQL that gives the same result in DuckDB. Functions are in `functions.py`, syntax is here.

To add a construct, name its syntax node and its allowed parts here (a function: a row of `FUNCTIONS`), add an entry to
`syntax_checks` or `argument_checks` when its values matter too, and add cases to `tests/parity_functions.py` or
`tests/parity_cases.py`, which compare both engines over edge values.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from sqlglot import exp

from datamart_exec.errors import DatamartError
from datamart_exec.staging import argument_checks, syntax_checks
from datamart_exec.staging.alternatives import CLOCK, PARTS, alternative
from datamart_exec.staging.functions import FUNCTIONS

# syntax node -> its allowed parts
SYNTAX: dict[type[exp.Expr], frozenset[str]] = {
    node: frozenset(parts.split())
    for node, parts in {
        exp.Select: "expressions from_ joins where group having with_ distinct hint",
        exp.Union: "this expression distinct with_",
        exp.Intersect: "this expression distinct with_",
        exp.Except: "this expression distinct with_",
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
        exp.Add: "this expression",
        exp.Sub: "this expression",
        exp.Mul: "this expression",
        exp.Div: "this expression safe",
        exp.IntDiv: "this expression",
        exp.Mod: "this expression",
        exp.Interval: "this unit",
        exp.Var: "this",
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
        exp.NullSafeNEQ: "this expression",
        exp.Between: "this low high",
        exp.In: "this expressions",
        exp.Like: "this expression negate",
        exp.Escape: "this expression",
        exp.DPipe: "this expression safe",
        exp.DataType: "this expressions nested",
        exp.DataTypeParam: "this",
        exp.Window: "this partition_by order over spec",
        exp.WindowSpec: "kind start start_side end end_side",
        exp.IgnoreNulls: "this",
        exp.Order: "expressions",
        exp.Ordered: "this desc nulls_first",
    }.items()
}
CHECKS = syntax_checks.CHECKS | argument_checks.CHECKS
CONSTRUCTS = SYNTAX | {node: frozenset(function.parts) for node, function in FUNCTIONS.items()}
CLOCKS = (exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime, exp.Localtimestamp)
CLOCK_NAMES = frozenset({"NOW", "CURDATE", "UNIX_TIMESTAMP"})
UNPROVEN = "is not on the list of constructs proven equal"


def check(tree: exp.Expr, script: str) -> None:
    """Raise `DatamartError` for the first construct that is not on the list; it names script, place and construct."""
    for node in tree.walk():
        where = script + _place(node)
        written = node.meta.get("written", "") if isinstance(node, exp.Func) else ""
        if isinstance(node, CLOCKS) or (isinstance(node, exp.Anonymous) and node.name.upper() in CLOCK_NAMES):
            raise DatamartError(
                f"{where}: {_name(node)} is the wall clock, a replay would load something else; use {CLOCK}"
            )
        _check_known(where, node, written)
        _check_parts(where, node)
        problem = CHECKS[type(node)](node) if type(node) in CHECKS else None
        if problem:
            raise _refused(where, written or _name(node), problem)
        if type(node) in FUNCTIONS and FUNCTIONS[type(node)].window:
            _check_window(where, node)


def _check_known(where: str, node: exp.Expr, written: str) -> None:
    if type(node) not in CONSTRUCTS:
        name = written or _name(node)
        raise _refused(where, f"{_kind(node)} {name}", UNPROVEN, alternative(name))
    function = FUNCTIONS.get(type(node))
    if function and written and written not in function.names:
        instead = alternative(written) or function.names[0]
        raise DatamartError(f"{where}: {written} is not a function of Spark SQL; write {instead} instead")


def _check_parts(where: str, node: exp.Expr) -> None:
    allowed = CONSTRUCTS[type(node)]
    extra = [part for part, value in node.args.items() if value and part not in allowed]
    if extra:
        instead = next((PARTS[part] for part in extra if part in PARTS), "")
        raise _refused(where, f"{_name(node)} with {', '.join(extra)}", UNPROVEN, instead)


def _check_window(where: str, node: exp.Expr) -> None:
    parent = node.parent.parent if isinstance(node.parent, exp.IgnoreNulls) else node.parent
    if not isinstance(parent, exp.Window) or not parent.args.get("order"):
        raise DatamartError(f"{where}: {_name(node)} has a result only with OVER (... ORDER BY ...)")


def _refused(where: str, what: str, why: str, instead: str = "") -> DatamartError:
    if instead:
        return DatamartError(f"{where}: {what} {why} in Spark and DuckDB; write {instead} instead")
    return DatamartError(
        f"{where}: {what} {why} in Spark and DuckDB; write it with others, or prove it: a case in"
        " tests/parity_cases.py and an entry in staging/allow_list.py"
    )


def _place(node: exp.Expr) -> str:
    """Line and column of the node, or of the nearest part or parent that has them."""
    for each in chain(node.walk(bfs=False), _parents(node)):
        if "place" in each.meta:
            line, column = each.meta["place"]
            return f", line {line}, column {column}"
    return ""


def _parents(node: exp.Expr) -> Iterator[exp.Expr]:
    while node.parent is not None:
        node = node.parent
        yield node


def _kind(node: exp.Expr) -> str:
    return "function" if isinstance(node, exp.Func) else "construct"


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return node.name.upper()
    if type(node) in FUNCTIONS and isinstance(node, exp.Func):
        return FUNCTIONS[type(node)].names[0]
    if isinstance(node, exp.Func):
        return node.sql("spark").partition("(")[0].upper()
    return type(node).__name__.upper()
