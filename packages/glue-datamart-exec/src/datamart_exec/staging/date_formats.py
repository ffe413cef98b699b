"""TO_DATE, TO_TIMESTAMP and DATE_FORMAT with a format, as DuckDB expressions."""

from __future__ import annotations

from sqlglot import exp

from datamart_exec.staging import cast, formats
from datamart_exec.staging.macros import Macros


def read(node: exp.Expr, macros: Macros) -> exp.Expr:
    """A text as a date or timestamp; one that does not match the format ends the query, where Spark gives NULL."""
    written = node.args["format"].name
    kind = "DATE" if isinstance(node, exp.TsOrDsToDate) else "TIMESTAMP"
    what = f"{macros.script}: TO_{kind}({node.this.sql('spark')}, '{written}')"
    moment = f"try_strptime(x, {cast.literal(formats.duckdb_format(written))})"
    pattern = cast.literal(formats.pattern(written))
    refusal = cast.refused("x", what, f"a {kind.lower()} in this form")
    return macros.call(
        f"CASE WHEN x IS NULL THEN NULL WHEN regexp_full_match(x, {pattern}) AND {moment} IS NOT NULL"
        f" THEN CAST({moment} AS {kind}) ELSE CAST({refusal} AS {kind}) END",
        node.this,
    )


def written(node: exp.Expr, macros: Macros) -> exp.Expr:
    """A date or timestamp as a text; years that Spark writes with a sign end the query."""
    form = node.args["format"].name
    what = f"{macros.script}: DATE_FORMAT({node.this.sql('spark')}, '{form}')"
    refusal = cast.refused("x", what, "of the years 1 to 9999, which alone are written the same everywhere")
    return macros.call(
        f"CASE WHEN x IS NULL THEN NULL WHEN year(CAST(x AS DATE)) BETWEEN 1 AND 9999"
        f" THEN strftime(CAST(x AS TIMESTAMP), {cast.literal(formats.duckdb_format(form))})"
        f" ELSE CAST({refusal} AS VARCHAR) END",
        node.this,
    )
