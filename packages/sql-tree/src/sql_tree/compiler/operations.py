"""Finds operation codes that staging does not map, and comparisons with a code that staging never holds."""

from collections.abc import Iterator

from sqlglot import exp

from sql_tree.compiler.origins import origins
from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Scan

_CODES = {"I", "UN", "D", ""}
_OPERATION = "cdc_oper_cd"
_WRAPPERS = (exp.Upper, exp.Lower, exp.Trim, exp.Cast, exp.Paren, exp.Coalesce)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.In, exp.Like, exp.ILike, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Case)


def operation_problems(scan: Scan, statement: exp.Expr) -> Iterator[Problem]:
    """Problems of one statement with the operation code."""
    if scan.script.layer == "STG":
        for select in statement.find_all(exp.Select):
            for selected in select.selects:
                if selected.alias_or_name.lower() == _OPERATION:
                    yield from _staged(scan, selected)
        return
    for node in scan.every(statement, *_COMPARISONS):
        wrong = [value for value in _compared(node) if value not in _CODES]
        if wrong:
            shown = ", ".join(map(repr, dict.fromkeys(wrong)))
            text = f"compares {_OPERATION} with {shown}; staging holds only I, UN and D"
            yield scan.found(scan.place(node), "unmapped-operation", text)


def _compared(node: exp.Expr) -> list[str]:
    """The texts that a comparison holds the operation code against."""
    sides = [side for side in (node.this, node.args.get("expression")) if side is not None]
    if not any(_is_operation(side) for side in sides):
        return []
    values = [side for side in sides if not _is_operation(side)]
    if isinstance(node, exp.In):
        values += node.expressions
    if isinstance(node, exp.Case):
        values += [branch.this for branch in node.args["ifs"]]
    literals = [literal for value in values for literal in _literals(value)]
    return [literal.name.strip() for literal in literals if "%" not in literal.name]


def _literals(value: exp.Expr) -> list[exp.Literal]:
    if value.find(exp.Select) is not None:
        return []
    return [literal for literal in value.find_all(exp.Literal) if literal.is_string]


def _is_operation(node: exp.Expr) -> bool:
    while isinstance(node, _WRAPPERS):
        node = node.this
    return isinstance(node, exp.Column) and node.name.lower() == _OPERATION


def _staged(scan: Scan, selected: exp.Expr) -> Iterator[Problem]:
    written = selected.unalias().sql("spark")
    parts = [selected, *_computed(selected, scan)]
    literals = {node.name for part in parts for node in part.find_all(exp.Literal) if node.is_string}
    columns = [column for part in parts for column in part.find_all(exp.Column)]
    if any(column.name.lower() == _OPERATION for column in columns):
        return  # a subquery has this column too, and is judged itself
    at = scan.place(selected)
    if columns and ("UN" not in literals or _tests_small_u_only(parts, literals)):
        yield scan.found(
            at, "unmapped-operation", f"{_OPERATION} is {written}, so an update arrives as U, not as UN"
        )
    elif isinstance(selected.unalias(), exp.Literal) and not literals <= _CODES:
        yield scan.found(at, "unmapped-operation", f"{_OPERATION} is {written}, which is not I, UN or D")


def _computed(selected: exp.Expr, scan: Scan) -> list[exp.Expr]:
    """The expressions behind the columns of a selected value."""
    found = [origin for column in selected.find_all(exp.Column) for origin in origins(column, scan)]
    return [origin for origin in found if isinstance(origin, exp.Expr)]


def _tests_small_u_only(parts: list[exp.Expr], literals: set[str]) -> bool:
    """Whether the code is compared with `u`, which change capture does not send."""
    return "u" in literals and "U" not in literals and not any(part.find(exp.Lower) for part in parts)
