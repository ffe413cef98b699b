"""The types that Spark gives functions, for sqlglot's annotation of a tree. `decimals` adds precision and scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp
from sqlglot.dialects.spark import Spark

from datamart_exec.staging.functions import FUNCTIONS

T = exp.DataType.Type


def _whole_or_decimal(annotator: Any, node: exp.Expr) -> exp.Expr:
    """DECIMAL of a DECIMAL, BIGINT of everything else."""
    return _typed(annotator, node, T.DECIMAL if _kind(node.this) == T.DECIMAL else T.BIGINT)


def _interval(annotator: Any, node: exp.Expr) -> exp.Expr:
    """A date or timestamp and an interval: the type of the first; other sums as sqlglot has them."""
    if isinstance(node.args["expression"], exp.Interval):
        return _same(annotator, node)
    usual: exp.Expr = Spark.EXPRESSION_METADATA[type(node)]["annotator"](annotator, node)
    return usual


def _same(annotator: Any, node: exp.Expr) -> exp.Expr:
    return _typed(annotator, node, _kind(node.this))


def _widest(annotator: Any, node: exp.Expr) -> exp.Expr:
    """The type that holds all values; sqlglot itself makes every whole number of COALESCE and IF a BIGINT."""
    parts = ("true", "false") if isinstance(node, exp.If) else ("this", "expressions")
    typed: exp.Expr = annotator._annotate_by_args(node, *parts)
    return typed


def _typed(annotator: Any, node: exp.Expr, kind: exp.DType) -> exp.Expr:
    annotator._set_type(node, kind)  # the only way sqlglot has
    return node


def _kind(node: exp.Expr) -> exp.DType:
    if isinstance(node, exp.Distinct):
        return _kind(node.expressions[0])
    kind: exp.DType = node.type.this if isinstance(node.type, exp.DataType) else T.UNKNOWN
    return kind


ANNOTATORS: dict[type[exp.Expr], Callable[[Any, exp.Expr], exp.Expr]] = {
    exp.Add: _interval,
    exp.Sub: _interval,
    exp.Ceil: _whole_or_decimal,
    exp.Floor: _whole_or_decimal,
    exp.Sum: _whole_or_decimal,
    exp.Coalesce: _widest,
    exp.If: _widest,
    exp.Round: _same,
    exp.Abs: _same,
}
METADATA: Any = (
    Spark.EXPRESSION_METADATA
    | {node: {"returns": function.gives} for node, function in FUNCTIONS.items() if function.gives}
    | {node: {"annotator": annotator} for node, annotator in ANNOTATORS.items()}
)
