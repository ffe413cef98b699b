"""Refuses decimals whose common type would need more digits than the engine has: DuckDB gives up the scale then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from datamart_exec.errors import DatamartError
from datamart_exec.staging.arithmetic_types import ARITHMETIC
from datamart_exec.staging.column_types import ColumnType, as_decimal, column_type
from datamart_exec.staging.families import family, short
from datamart_exec.staging.type_mixing import COMPARISONS, branches, operands

T = exp.DataType.Type
WIDEST = 38
INTEGERS = {T.TINYINT: "TINYINT", T.SMALLINT: "SMALLINT", T.INT: "INTEGER", T.BIGINT: "BIGINT"}
SAME = (  # as wide as their operand
    exp.Paren, exp.Alias, exp.Neg, exp.Abs, exp.Max, exp.Min, exp.Window, exp.IgnoreNulls, exp.Nullif, exp.FirstValue,
    exp.LastValue,
)  # fmt: skip

Size = ColumnType | None  # a decimal, also for an integer; None for everything else


def check(script: str, tree: exp.Expr, columns: Mapping[str, Mapping[str, ColumnType]]) -> None:
    """Check every place of a qualified tree where numbers meet; `columns` are those of each view."""
    outputs: dict[int, list[tuple[str, Size]]] = {}
    for scope in traverse_scope(tree):
        query = scope.expression
        if isinstance(query, exp.SetOperation):
            outputs[id(query)] = _union(script, query, outputs)
            continue
        sizes = _Sizes(script, scope, columns, outputs)
        for node in scope.walk():
            sizes.check(node)
        if isinstance(query, exp.Query):
            outputs[id(query)] = [(each.alias_or_name.lower(), sizes.of(each)) for each in query.selects]


def _union(
    script: str, query: exp.SetOperation, outputs: Mapping[int, list[tuple[str, Size]]]
) -> list[tuple[str, Size]]:
    left, right = (outputs.get(id(side.unnest()), []) for side in (query.left, query.right))
    return [
        (name, _common(script, f"{query.key.upper()} in column {name}", [one, other]))
        for (name, one), (_, other) in zip(left, right, strict=False)
    ]


class _Sizes:
    """The sizes of the numbers in one scope."""

    def __init__(
        self,
        script: str,
        scope: Scope,
        columns: Mapping[str, Mapping[str, ColumnType]],
        outputs: Mapping[int, list[tuple[str, Size]]],
    ) -> None:
        self.script = script
        self.scope = scope
        self.columns = columns
        self.outputs = outputs

    def check(self, node: exp.Expr) -> None:
        groups = branches(node) + ([operands(node)] if isinstance(node, COMPARISONS) else [])
        for values in groups:
            _common(self.script, short(node), [self.of(each) for each in values])
        if _kind(node) == T.DECIMAL and not isinstance(node, exp.Cast):
            size = self.of(node)
            if size is not None:
                node.type = exp.DataType.build(
                    size.sql
                )  # sqlglot knows neither precision nor scale of a result

    def of(self, node: exp.Expr) -> Size:
        """The decimal that holds every value of the node."""
        if isinstance(node, SAME):
            return self.of(node.this)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, ARITHMETIC):
            return self._arithmetic(node)
        if isinstance(node, (exp.Round, exp.Ceil, exp.Floor)):
            return rounded(
                self.of(node.this), int(node.args["decimals"].name) if node.args.get("decimals") else 0
            )
        if isinstance(node, exp.Sum):
            inner = node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this
            return _sum(self.of(inner)) if _kind(node) == T.DECIMAL else _of_type(node.type)
        if isinstance(node, exp.Literal):
            return None if node.is_string or not node.is_int else _decimal(len(node.name.lstrip("0")) or 1, 0)
        if isinstance(node, (exp.Cast, exp.TryCast)):
            return _of_type(node.to)
        values = branches(node)
        if values:
            return _common(self.script, short(node), [self.of(each) for each in values[0]])
        return _of_type(node.type) if _kind(node) in INTEGERS else None

    def _arithmetic(self, node: exp.Expr) -> Size:
        left, right = self._operand(node.this), self._operand(node.expression)
        if _kind(node) != T.DECIMAL:
            return _of_type(node.type)
        for side, size in ((node.this, left), (node.expression, right)):
            if size is None and family(side) != "null":
                raise DatamartError(
                    f"{self.script}: {short(node)} has a side of unknown digits, {short(side)}; CAST it"
                )
        if left is None or right is None:
            return left or right
        if isinstance(node, exp.Mod):
            _common(self.script, short(node), [left, right])
        size = _result(node, left, right)
        if size is None:
            raise DatamartError(
                f"{self.script}: {short(node)} of {left} and {right} needs more than {WIDEST} digits; CAST one to fewer"
                " digits"
            )
        return size

    def _operand(self, node: exp.Expr) -> Size:
        """The size of one side of + - * %, where Spark gives a whole number that is no literal the digits of its type."""
        if isinstance(node, exp.Literal) or _kind(node) not in INTEGERS:
            return self.of(node)
        return _decimal(20, 0) if _kind(node) == T.BIGINT else _of_type(node.type)

    def _column(self, column: exp.Column) -> Size:
        source = self.scope.sources.get(column.table)
        name = column.name.lower()
        if isinstance(source, Scope):
            return dict(self.outputs.get(id(source.expression), ())).get(name)
        kind = self.columns.get(source.name, {}).get(name) if isinstance(source, exp.Table) else None
        return as_decimal(kind) if kind is not None and kind.family in ("integer", "decimal") else None


def _result(node: exp.Expr, left: ColumnType, right: ColumnType) -> Size:
    """The type of Spark's result; None where it would need more digits than there are."""
    scale, whole = max(left.scale, right.scale), max(_whole(left), _whole(right))
    if isinstance(node, exp.Mul):
        scale, whole = (
            left.scale + right.scale,
            left.precision + right.precision + 1 - left.scale - right.scale,
        )
    elif isinstance(node, exp.Mod):
        whole = min(_whole(left), _whole(right))
    else:
        whole += 1
    return _decimal(whole, scale) if whole + scale <= WIDEST else None


def _whole(size: ColumnType) -> int:
    return size.precision - size.scale


def rounded(size: Size, digits: int) -> Size:
    """The type of ROUND, CEIL and FLOOR: one more digit before the point, for 9.9."""
    if size is None:
        return None
    scale = min(digits, size.scale)
    return column_type(f"DECIMAL({min(_whole(size) + 1 + scale, WIDEST)},{scale})")


def _sum(size: Size) -> Size:
    return column_type(f"DECIMAL({min(size.precision + 10, WIDEST)},{size.scale})") if size else None


def _kind(node: exp.Expr) -> exp.DType:
    kind: exp.DType = node.type.this if isinstance(node.type, exp.DataType) else T.UNKNOWN
    return kind


def _of_type(kind: exp.DataType | None) -> Size:
    if kind is None:
        return None
    if kind.this in INTEGERS:
        return as_decimal(column_type(INTEGERS[kind.this]))
    if kind.this != T.DECIMAL:
        return None
    sizes = [int(part.name) for part in kind.expressions] or [10]
    return _decimal(sizes[0] - (sizes[1] if len(sizes) > 1 else 0), sizes[1] if len(sizes) > 1 else 0)


def _decimal(whole: int, scale: int) -> ColumnType:
    return column_type(f"DECIMAL({whole + scale},{scale})")


def _common(script: str, place: str, sizes: Iterable[Size]) -> Size:
    """The decimal that holds the values of all; raises when it needs too many digits."""
    known = [size for size in sizes if size is not None]
    if not known:
        return None
    scale = max(each.scale for each in known)
    whole = max(each.precision - each.scale for each in known)
    if whole + scale > WIDEST:
        names = " and ".join(sorted({str(each) for each in known}))
        raise DatamartError(
            f"{script}: {place} mixes {names}, which need {whole + scale} digits together and can have {WIDEST};"
            " CAST one to fewer digits"
        )
    return _decimal(whole, scale)
