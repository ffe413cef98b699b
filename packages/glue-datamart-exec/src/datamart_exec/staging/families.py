"""The type families of annotated nodes: what decides whether values may meet in one expression."""

from __future__ import annotations

from sqlglot import exp

T = exp.DataType.Type
FAMILIES = {
    **dict.fromkeys((T.VARCHAR, T.TEXT, T.CHAR, T.NVARCHAR, T.NCHAR), "text"),
    **dict.fromkeys((T.TINYINT, T.SMALLINT, T.INT, T.BIGINT, T.DECIMAL), "number"),
    **dict.fromkeys((T.FLOAT, T.DOUBLE), "float"),
    T.DATE: "date",
    **dict.fromkeys((T.TIMESTAMP, T.TIMESTAMPTZ, T.TIMESTAMPNTZ), "timestamp"),
    T.BOOLEAN: "boolean",
    T.NULL: "null",
}
WHOLE = (T.TINYINT, T.SMALLINT, T.INT, T.BIGINT)


def family(node: exp.Expr) -> str:
    """The family of an annotated node; `unknown` where the annotation has none."""
    return FAMILIES.get(node.type.this, "unknown") if isinstance(node.type, exp.DataType) else "unknown"


def is_whole(node: exp.Expr) -> bool:
    """Whether a node is NULL or a whole number."""
    return family(node) == "null" or (isinstance(node.type, exp.DataType) and node.type.this in WHOLE)


def short(node: exp.Expr) -> str:
    text = node.sql("spark")
    return text if len(text) <= 80 else text[:77] + "..."
