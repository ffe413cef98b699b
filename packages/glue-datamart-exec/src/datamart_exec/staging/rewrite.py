"""The last step of the translation: rewrites the nodes that mean something else in DuckDB as Spark spells them."""

from __future__ import annotations

from sqlglot import exp

from datamart_exec.errors import DatamartError
from datamart_exec.staging import cast
from datamart_exec.staging.column_types import ColumnType, column_type
from datamart_exec.staging.type_mixing import family

T = exp.DataType.Type
DUCKDB_TYPES = {
    **dict.fromkeys((T.VARCHAR, T.TEXT), "VARCHAR"),
    T.SMALLINT: "SMALLINT",
    T.INT: "INTEGER",
    T.BIGINT: "BIGINT",
    T.DATE: "DATE",
    **dict.fromkeys((T.TIMESTAMP, T.TIMESTAMPTZ, T.TIMESTAMPNTZ), "TIMESTAMP"),
    T.BOOLEAN: "BOOLEAN",
}
# source family -> target families for which CAST is proven equal
CASTS = {
    "text": {"text", "integer", "decimal", "date", "timestamp"},
    "integer": {"text", "integer", "decimal"},
    "decimal": {"decimal"},
    "date": {"text", "date", "timestamp"},
    "timestamp": {"date", "timestamp"},
    "boolean": {"boolean"},
}
# characters that Java and DuckDB change to the same upper and lower case; tests/staging/test_parity.py checks each
CASED = r"[\x{0000}-\x{00B4}\x{00B6}-\x{00DE}\x{00E0}-\x{012F}\x{0132}-\x{0148}\x{014A}-\x{017E}]*"


def to_duckdb(script: str, tree: exp.Expr) -> list[str]:
    """Rewrite the annotated tree in place; returns the SQL of the macros that it now calls."""
    macros = _Macros(script)
    for node in reversed(list(tree.walk())):
        if isinstance(node, (exp.Cast, exp.TryCast, exp.TsOrDsToDate)):
            _cast(script, node, macros)
        elif isinstance(node, (exp.Upper, exp.Lower)):
            _letter_case(script, node, macros)
        elif isinstance(node, exp.Trim):
            node.set("expression", exp.Literal.string(" "))  # DuckDB's plain TRIM removes every Unicode space
        elif isinstance(node, exp.Concat):
            _replace(node, _joined(node.expressions))  # DuckDB's CONCAT skips NULL
        elif isinstance(node, exp.Hint):
            node.pop()
    return macros.made


def type_decimal_literals(tree: exp.Expr) -> None:
    """Give 1.50 its type in Spark and DuckDB, DECIMAL(3,2); sqlglot treats it as a double."""
    for node in list(tree.find_all(exp.Literal)):
        if not node.is_string and "." in node.name:
            whole, _, fraction = node.name.partition(".")
            digits, scale = len(whole.lstrip("0")) + len(fraction), len(fraction)
            kind = exp.DataType.build(f"DECIMAL({max(digits, 1)},{scale})")
            node.replace(exp.Cast(this=node.copy(), to=kind))


class _Macros:
    """Macros of one parameter `x`, one for each body."""

    def __init__(self, script: str) -> None:
        self.script = script
        self.made: list[str] = []
        self.names: dict[str, str] = {}

    def call(self, body: str, argument: exp.Expr) -> exp.Expr:
        name = self.names.get(body)
        if name is None:
            name = self.names[body] = f"checked_{len(self.names) + 1}"
            self.made.append(f"CREATE TEMP MACRO {name}(x) AS {body}")
        return exp.Anonymous(this=name, expressions=[argument.copy()])


def _cast(script: str, node: exp.Expr, macros: _Macros) -> None:
    wanted = column_type("DATE") if isinstance(node, exp.TsOrDsToDate) else _target(script, node)
    value = node.this
    if isinstance(value, exp.Literal) and not value.is_string and wanted.family == "decimal":
        return  # typed by `type_decimal_literals`, or a whole number
    source = _source(value)
    if source is None:  # NULL
        _replace(node, exp.cast(value.copy(), wanted.sql, dialect="duckdb"))
        return
    if wanted.family not in CASTS.get(source.family, ()):
        raise DatamartError(
            f"{script}: CAST from {source.family} to {wanted} is not proven equal in Spark and DuckDB;"
            " see staging/allow_list.py for how to add it"
        )
    if source.family == wanted.family and wanted.family in ("text", "date", "timestamp", "boolean"):
        _replace(node, value.copy())
        return
    what = f"{script}: CAST({value.sql('spark')} AS {wanted.sql})"
    _replace(node, macros.call(cast.checked("x", source, wanted, what, exact=False), value))


def _target(script: str, node: exp.Expr) -> ColumnType:
    to = node.args["to"]
    if to.this == T.DECIMAL:
        sizes = [int(part.name) for part in to.expressions] or [10]
        precision, scale = (*sizes, 0)[:2]
        return column_type(f"DECIMAL({precision},{scale})")
    sql = DUCKDB_TYPES.get(to.this)
    if sql is None or to.expressions:
        raise DatamartError(f"{script}: CAST to {to.sql('spark')} is not proven equal in Spark and DuckDB")
    return column_type(sql)


def _source(value: exp.Expr) -> ColumnType | None:
    """The operand's type in DuckDB; a decimal of unknown size becomes one that holds any whole number."""
    kind = family(value)
    if kind == "null":
        return None
    assert isinstance(value.type, exp.DataType)  # noqa: S101 - type_mixing.family found it
    if value.type.this == T.DECIMAL:
        sizes = [int(part.name) for part in value.type.expressions]
        return column_type(f"DECIMAL({sizes[0]},{sizes[1]})" if len(sizes) == 2 else "DECIMAL(38,0)")
    return column_type(DUCKDB_TYPES.get(value.type.this, value.type.this.value))


def _letter_case(script: str, node: exp.Expr, macros: _Macros) -> None:
    function = "upper" if isinstance(node, exp.Upper) else "lower"
    what = f"{script}: {node.sql('spark')}"
    refusal = (
        f"error({cast.literal(what + ': a letter of ')} || chr(39) || left(x, {cast.SHOWN}) || chr(39)"
        " || ' has no upper and lower case that Spark and DuckDB agree on')"
    )
    body = (
        f"CASE WHEN x IS NULL OR regexp_full_match(x, '{CASED}') THEN {function}(x)"
        f" ELSE CAST({refusal} AS VARCHAR) END"
    )
    _replace(node, macros.call(body, node.this))


def _joined(parts: list[exp.Expr]) -> exp.Expr:
    joined = parts[0].copy()
    for part in parts[1:]:
        joined = exp.DPipe(this=joined, expression=part.copy())
    return exp.paren(joined, copy=False)


def _replace(node: exp.Expr, other: exp.Expr) -> None:
    other.type = node.type
    node.replace(other)
