"""Refuses decimals whose common type would need more digits than the engine has: DuckDB gives up the scale then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from datamart_exec.errors import DatamartError
from datamart_exec.staging.column_types import ColumnType, as_decimal, column_type
from datamart_exec.staging.type_mixing import COMPARISONS, branches, operands, short

T = exp.DataType.Type
WIDEST = 38
INTEGERS = {T.TINYINT: "TINYINT", T.SMALLINT: "SMALLINT", T.INT: "INTEGER", T.BIGINT: "BIGINT"}
COUNTS = (exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank, exp.Length)
SAME = (exp.Paren, exp.Alias, exp.Neg, exp.Max, exp.Min, exp.Window, exp.Nullif)  # as wide as their operand

Size = ColumnType | None  # a decimal, also for an integer; None for everything else


def check(script: str, tree: exp.Expr, columns: Mapping[str, Mapping[str, ColumnType]]) -> None:
    """Check every place of a qualified tree where numbers meet; `columns` are those of each view."""
    outputs: dict[int, list[tuple[str, Size]]] = {}
    for scope in traverse_scope(tree):
        query = scope.expression
        if isinstance(query, exp.Union):
            outputs[id(query)] = _union(script, query, outputs)
            continue
        sizes = _Sizes(script, scope, columns, outputs)
        for node in scope.walk():
            sizes.check(node)
        if isinstance(query, exp.Query):
            outputs[id(query)] = [(each.alias_or_name.lower(), sizes.of(each)) for each in query.selects]


def _union(
    script: str, query: exp.Union, outputs: Mapping[int, list[tuple[str, Size]]]
) -> list[tuple[str, Size]]:
    left, right = (outputs.get(id(side.unnest()), []) for side in (query.left, query.right))
    return [
        (name, _common(script, f"UNION in column {name}", [one, other]))
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

    def of(self, node: exp.Expr) -> Size:
        """The decimal that holds every value of the node."""
        if isinstance(node, SAME):
            return self.of(node.this)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, COUNTS):
            return as_decimal(column_type("BIGINT"))
        if isinstance(node, exp.Literal):
            return None if node.is_string or not node.is_int else _decimal(len(node.name.lstrip("0")) or 1, 0)
        if isinstance(node, (exp.Cast, exp.TryCast)):
            return _of_type(node.to)
        values = branches(node)
        return _common(self.script, short(node), [self.of(each) for each in values[0]]) if values else None

    def _column(self, column: exp.Column) -> Size:
        source = self.scope.sources.get(column.table)
        name = column.name.lower()
        if isinstance(source, Scope):
            return dict(self.outputs.get(id(source.expression), ())).get(name)
        kind = self.columns.get(source.name, {}).get(name) if isinstance(source, exp.Table) else None
        return as_decimal(kind) if kind is not None and kind.family in ("integer", "decimal") else None


def _of_type(kind: exp.DataType) -> Size:
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
