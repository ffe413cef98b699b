"""Renders the load of hubs: keys of every staging table that carries them, each inserted once."""

# ruff: noqa: S608 - the text is assembled from the names of the committed model and runs in no process of ours

from sql_tree.model.lineage import HubFeed, hub_feeds, staging_columns, vault_columns
from sql_tree.model.tables import Model, VaultTable
from sql_tree.rendering.sql_text import RUN_TIMESTAMP, hash_key, header, lines, natural_value


def hub_insert(model: Model, hub: VaultTable) -> str:
    """Insert the keys that the hub does not hold yet, in key order."""
    key = ", ".join(hub.own_key)
    known = " AND ".join(f"h.{column} = k.{column}" for column in hub.own_key)
    names = lines(hub.columns)
    values = lines(_value(hub, column) for column in hub.columns)
    return (
        header("vault.yaml", hub.name, "keys of every staging table that carries them")
        + f"WITH staged AS (\n{_staged(model, hub)}\n),\n"
        + f"keyed AS (\n{_keyed(model, hub)}\n)\n"
        + f"INSERT INTO edv.{hub.name} (\n    {names}\n)\n"
        + f"SELECT\n    {values}\nFROM keyed AS k\n"
        + f"WHERE NOT EXISTS (SELECT 1 FROM edv.{hub.name} AS h WHERE {known})\n"
        + f"ORDER BY {', '.join(f'k.{column}' for column in hub.own_key)}\n"
        + f"ON CONFLICT ({key}) DO NOTHING;\n"
    )


def _staged(model: Model, hub: VaultTable) -> str:
    return "\n    UNION\n".join(_feed(model, hub, feed) for feed in hub_feeds(model, hub))


def _feed(model: Model, hub: VaultTable, feed: HubFeed) -> str:
    types = staging_columns(model, feed.staging)
    columns = [_named(hub, feed, types, at) for at in range(len(feed.columns))]
    present = "".join(f"\n      AND s.{column} IS NOT NULL" for column in feed.columns if feed.complete_only)
    return (
        f"    SELECT {', '.join((*columns, 's.data_src_nm'))}\n"
        f"    FROM cars_stg.{feed.staging} AS s\n"
        f"    WHERE s.cdc_oper_cd <> 'D'{present}"
    )


def _named(hub: VaultTable, feed: HubFeed, types: dict[str, str], at: int) -> str:
    column, name = feed.columns[at], hub.hash_columns[at]
    value = natural_value(column, types[column], "s") if hub.natural_key else f"s.{column}"
    return value if value == f"s.{name}" else f"{value} AS {name}"


def _keyed(model: Model, hub: VaultTable) -> str:
    """One row per key; spellings of one key that differ in case or spaces are one row, the first in order."""
    columns = ", ".join(f"s.{column}" for column in hub.hash_columns)
    own = ", ".join(hub.own_key)
    if hub.natural_key:
        return (
            f"    SELECT DISTINCT ON ({own}) {columns}, s.data_src_nm\n"
            f"    FROM staged AS s\n    ORDER BY {own}, s.data_src_nm"
        )
    types = vault_columns(model, hub)
    key = hash_key(hub.hash_columns, types, "s", 8)
    return (
        f"    SELECT DISTINCT ON ({own})\n        {key} AS {own},\n        {columns},\n        s.data_src_nm\n"
        f"    FROM staged AS s\n    ORDER BY {own}, {columns}, s.data_src_nm"
    )


def _value(hub: VaultTable, column: str) -> str:
    if column == "load_dt":
        return RUN_TIMESTAMP
    if column == "durb_id":
        order = ", ".join(f"k.{key}" for key in hub.own_key)
        highest = f"(SELECT MAX(durb_id) FROM edv.{hub.name})"
        return f"COALESCE({highest}, 0) + ROW_NUMBER() OVER (ORDER BY {order})"
    return f"k.{column}"
