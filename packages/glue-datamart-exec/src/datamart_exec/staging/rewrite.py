"""The last step of the translation: rewrites the nodes that mean something else in DuckDB as Spark spells them."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from datamart_exec.staging import arithmetic, cast, date_formats, patterns, script_casts
from datamart_exec.staging.argument_checks import DAYS, TIME_UNITS
from datamart_exec.staging.column_types import ColumnType, column_type
from datamart_exec.staging.families import family
from datamart_exec.staging.functions import FUNCTIONS
from datamart_exec.staging.macros import Macros

T = exp.DataType.Type
# characters that Java and DuckDB change to the same upper and lower case; tests/staging/test_parity.py checks each
CASED = r"[\x{0000}-\x{00B4}\x{00B6}-\x{00DE}\x{00E0}-\x{012F}\x{0132}-\x{0148}\x{014A}-\x{017E}]*"
LETTER_CASES: dict[type[exp.Expr], str] = {
    exp.Upper: "upper(x)",
    exp.Lower: "lower(x)",
    exp.Initcap: "array_to_string(list_transform(string_split(lower(x), ' '),"
    " lambda word: upper(left(word, 1)) || substring(word, 2)), ' ')",
}


def to_duckdb(script: str, tree: exp.Expr) -> list[str]:
    """Rewrite the annotated tree in place; returns the SQL of the macros that it now calls."""
    macros = Macros(script)
    for node in reversed(list(tree.walk())):
        other = _rewritten(node, macros)
        if other is not None and other is not node:
            other.type = node.type
            node.replace(other)
    return macros.made


def type_decimal_literals(tree: exp.Expr) -> None:
    """Give 1.50 its type in Spark and DuckDB, DECIMAL(3,2); sqlglot treats it as a double."""
    for node in list(tree.find_all(exp.Literal)):
        if not node.is_string and "." in node.name:
            whole, _, fraction = node.name.partition(".")
            digits, scale = len(whole.lstrip("0")) + len(fraction), len(fraction)
            kind = exp.DataType.build(f"DECIMAL({max(digits, 1)},{scale})")
            node.replace(exp.Cast(this=node.copy(), to=kind))


def _rewritten(node: exp.Expr, macros: Macros) -> exp.Expr | None:
    """The node that takes this one's place; None where it stays, perhaps with other parts."""
    special = SPECIAL.get(type(node))
    if special:
        return special(node, macros)
    body = FUNCTIONS[type(node)].body if type(node) in FUNCTIONS else ""
    return _called(node, body, macros) if body else arithmetic.rewritten(node)


def _called(node: exp.Expr, body: str, macros: Macros) -> exp.Expr:
    """A call of the function's macro with the parts of the node."""
    row = FUNCTIONS[type(node)]
    arguments = {}
    for part in row.parts:
        value = node.args.get(part)
        if isinstance(value, exp.Expr) and not isinstance(value, exp.Var):
            arguments[part] = value
        elif part in row.defaults:
            arguments[part] = exp.maybe_parse(row.defaults[part], dialect="duckdb")
    return macros.call_with(body, arguments)


def _cast(node: exp.Expr, macros: Macros) -> exp.Expr | None:
    wanted = (
        column_type("DATE")
        if isinstance(node, exp.TsOrDsToDate)
        else script_casts.target(macros.script, node)
    )
    value: exp.Expr = node.this
    if isinstance(value, exp.Literal) and not value.is_string and wanted.family == "decimal":
        return None  # typed by `type_decimal_literals`, or a whole number
    source = _source(value)
    if source is None:  # NULL
        null: exp.Expr = exp.cast(value.copy(), wanted.sql, dialect="duckdb")
        return null
    if node.args.get("format") is not None and source.family == "text":
        return date_formats.read(node, macros)
    if source.family == wanted.family and wanted.family in ("text", "date", "timestamp", "boolean", "float"):
        return value.copy()
    if node.args.get("safe") and isinstance(node, exp.TryCast):
        what = f"{macros.script}: TRY_CAST({value.sql('spark')} AS {wanted.sql})"
        return macros.call(script_casts.try_body(source, wanted, what), value)
    what = f"{macros.script}: CAST({value.sql('spark')} AS {wanted.sql})"
    return macros.call(script_casts.body(source, wanted, what), value)


def _source(value: exp.Expr) -> ColumnType | None:
    """The operand's type in DuckDB; a decimal of unknown size becomes one that holds any whole number."""
    kind = family(value)
    if kind == "null":
        return None
    assert isinstance(value.type, exp.DataType)  # noqa: S101 - families.family found it
    if value.type.this == T.DECIMAL:
        sizes = [int(part.name) for part in value.type.expressions]
        return column_type(f"DECIMAL({sizes[0]},{sizes[1]})" if len(sizes) == 2 else "DECIMAL(38,0)")
    return column_type(script_casts.DUCKDB_TYPES.get(value.type.this, value.type.this.value))


def _letter_case(node: exp.Expr, macros: Macros) -> exp.Expr:
    what = f"{macros.script}: {node.sql('spark')}"
    refusal = (
        f"error({cast.literal(what + ': a letter of ')} || chr(39) || left(x, {cast.SHOWN}) || chr(39)"
        " || ' has no upper and lower case that Spark and DuckDB agree on')"
    )
    body = (
        f"CASE WHEN x IS NULL OR regexp_full_match(x, '{CASED}') THEN {LETTER_CASES[type(node)]}"
        f" ELSE CAST({refusal} AS VARCHAR) END"
    )
    return macros.call(body, node.this)


def _trim(node: exp.Expr, _: Macros) -> None:
    if node.args.get("expression") is None:
        node.set("expression", exp.Literal.string(" "))  # DuckDB's plain TRIM removes every Unicode space


def _joined(node: exp.Expr, _: Macros) -> exp.Expr:
    """CONCAT; DuckDB's skips NULL."""
    joined = node.expressions[0].copy()
    for part in node.expressions[1:]:
        joined = exp.DPipe(this=joined, expression=part.copy())
    return exp.paren(joined, copy=False)


def _pattern(node: exp.Expr, macros: Macros) -> exp.Expr:
    pattern = exp.Literal.string(patterns.duckdb_pattern(node.expression.name))
    node.set("expression", pattern)
    if isinstance(node, exp.RegexpExtract):
        return exp.Anonymous(
            this="regexp_extract", expressions=[node.this.copy(), pattern.copy(), node.args["group"].copy()]
        )
    return _called(node, FUNCTIONS[type(node)].body, macros)


def _next_day(node: exp.Expr, macros: Macros) -> exp.Expr:
    day = DAYS[node.expression.name.upper()]
    return macros.call(
        f"CAST(x AS DATE) + CAST(({day} + 6 - isodow(CAST(x AS DATE))) % 7 + 1 AS INTEGER)", node.this
    )


def _truncated(node: exp.Expr, macros: Macros) -> exp.Expr:
    unit = TIME_UNITS[node.args["unit"].name.upper()]
    kind = "DATE" if isinstance(node, exp.DateTrunc) else "TIMESTAMP"
    return macros.call(f"CAST(date_trunc('{unit}', CAST(x AS {kind})) AS {kind})", node.this)


def _join(node: exp.Expr, _: Macros) -> None:
    if node.args.get("kind") in ("SEMI", "ANTI"):
        node.set("side", None)  # DuckDB knows only the left one


SPECIAL: dict[type[exp.Expr], Callable[[exp.Expr, Macros], exp.Expr | None]] = {
    **dict.fromkeys((exp.Cast, exp.TryCast, exp.TsOrDsToDate), _cast),
    **dict.fromkeys(LETTER_CASES, _letter_case),
    **dict.fromkeys((exp.RegexpLike, exp.RegexpReplace, exp.RegexpExtract), _pattern),
    **dict.fromkeys((exp.DateTrunc, exp.TimestampTrunc), _truncated),
    exp.StrToTime: date_formats.read,
    exp.TimeToStr: date_formats.written,
    exp.Trim: _trim,
    exp.Concat: _joined,
    exp.NextDay: _next_day,
    exp.Join: _join,
    exp.Hint: lambda node, _: node.pop(),
}
