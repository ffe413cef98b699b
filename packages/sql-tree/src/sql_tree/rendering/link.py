"""Renders the load of links: every combination of keys that staging shows, inserted once."""

# ruff: noqa: S608 - the text is assembled from the names of the committed model and runs in no process of ours

from sql_tree.model.lineage import references, staging_columns, staging_name
from sql_tree.model.tables import Model, VaultTable
from sql_tree.rendering.sql_text import (
    RUN_TIMESTAMP,
    aliased,
    hash_key,
    header,
    lines,
    natural_value,
    wrapped,
)


def link_insert(model: Model, link: VaultTable) -> str:
    """Insert the links that are not held yet, in key order."""
    own = link.columns[0]
    loaded = [column for column in link.columns if column != "load_dt"]
    order = wrapped([own, *(column for column in loaded if column != own)])
    values = lines(RUN_TIMESTAMP if column == "load_dt" else f"k.{column}" for column in link.columns)
    return (
        header("vault.yaml", link.name, f"links shown by {link.staging[0]}")
        + "WITH keyed AS (\n"
        + f"    SELECT DISTINCT ON ({own})\n        {lines(_columns(model, link, loaded), 8)}\n"
        + f"    FROM cars_stg.{link.staging[0]} AS s\n    WHERE s.cdc_oper_cd <> 'D'{_resolved(model, link)}\n"
        + f"    ORDER BY\n        {order}\n)\n"
        + f"INSERT INTO edv.{link.name} (\n    {lines(link.columns)}\n)\n"
        + f"SELECT\n    {values}\nFROM keyed AS k\n"
        + f"WHERE NOT EXISTS (\n    SELECT 1 FROM edv.{link.name} AS l WHERE l.{own} = k.{own}\n)\n"
        + f"ORDER BY k.{own}\n"
        + f"ON CONFLICT ({own}) DO NOTHING;\n"
    )


def _columns(model: Model, link: VaultTable, loaded: list[str]) -> list[str]:
    types = staging_columns(model, link.staging[0])
    return [aliased(_value(model, link, column, types), column) for column in loaded]


def _value(model: Model, link: VaultTable, column: str, types: dict[str, str]) -> str:
    if column in link.keys:
        return hash_key(link.keys[column], types, "s", 8)
    name = staging_name(model, column)
    if any(name in columns for columns in link.refers.values()):
        return natural_value(name, types[name], "s")
    return f"s.{name}"


def _resolved(model: Model, link: VaultTable) -> str:
    """A row without the natural key of a hub it points to shows no link."""
    columns = [column for names in references(model, link).values() for column in names]
    return "".join(f"\n      AND s.{column} IS NOT NULL" for column in columns)
