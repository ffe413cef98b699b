"""Pieces of SQL text that several renderers share: headers, key expressions, lists, fixed timestamps."""

from collections.abc import Iterable, Mapping, Sequence

from sql_tree.model.lineage import is_text

RUN_TIMESTAMP = "TIMESTAMP '{ETL_START_TIMESTAMP}'"
OPEN_END = "TIMESTAMP '9999-12-31'"


def header(model_file: str, table: str, purpose: str) -> str:
    """The two comment lines that open every rendered script."""
    return (
        f"-- {table}: {purpose}\n"
        f"-- Rendered from metadata/model/{model_file}; change the model and run `nox -s render`, not this file.\n"
    )


def key_parts(columns: Sequence[str], types: Mapping[str, str], alias: str) -> list[str]:
    """One expression per key column: upper case and trimmed text, numbers as text, NULL as -- or -1."""
    return [
        f"UPPER(COALESCE(TRIM({alias}.{column}), '--'))"
        if is_text(types[column])
        else f"COALESCE({alias}.{column}::varchar(32), '-1')"
        for column in columns
    ]


def hash_key(columns: Sequence[str], types: Mapping[str, str], alias: str, indent: int) -> str:
    """The MD5 of the natural key columns, over several lines when there are several columns."""
    parts = key_parts(columns, types, alias)
    if len(parts) == 1:
        return f"MD5({parts[0]})"
    pad = " " * indent
    joined = f"\n{pad}    || '~~' || ".join(parts)
    return f"MD5(\n{pad}    {joined}\n{pad})"


def natural_value(column: str, type_name: str, alias: str) -> str:
    """A natural key as it is stored: text upper case and trimmed, as the hash keys see it."""
    return f"UPPER(TRIM({alias}.{column}))" if is_text(type_name) else f"{alias}.{column}"


def lines(items: Iterable[str], indent: int = 4, separator: str = ",") -> str:
    """Items one below the other."""
    pad = " " * indent
    return f"{separator}\n{pad}".join(items)


def aliased(expression: str, name: str) -> str:
    """`expression AS name`, without the alias where the expression is already called that."""
    return expression if expression.rpartition(".")[2] == name else f"{expression} AS {name}"


def wrapped(items: Sequence[str], indent: int = 8, width: int = 110) -> str:
    """Items side by side, in as many lines as they need."""
    rows, row = [], ""
    for item in items:
        if row and indent + len(row) + len(item) + 3 > width:
            rows.append(f"{row},")
            row = item
        else:
            row = f"{row}, {item}" if row else item
    return f"\n{' ' * indent}".join([*rows, row])
