"""Works out what follows from the model: column types, sources of vault columns, staging tables that feed a hub."""

from dataclasses import dataclass

from sql_tree.model.tables import HUBS, SATELLITES, Model, VaultTable

HASH_TYPE = "varchar(32)"
TEXT_TYPES = ("varchar", "text", "char")


@dataclass(frozen=True, slots=True)
class HubFeed:
    """One source of a hub's keys: a staging table and its names of the hub's key columns.

    `complete_only`: the table is not about this hub, so rows that lack a part of the key are left out.
    """

    staging: str
    columns: tuple[str, ...]
    complete_only: bool


def staging_columns(model: Model, table: str) -> dict[str, str]:
    """Every column of a staging table in order, with its Postgres type."""
    columns = {
        column: model.sources[reference.table].columns[reference.column]
        for column, reference in model.staging[table].columns.items()
    }
    return {**columns, **model.staging_technical}


def vault_columns(model: Model, table: VaultTable) -> dict[str, str]:
    """Every column of a vault table in order, with its Postgres type."""
    carried = staging_columns(model, table.staging[0])
    return {column: _vault_type(model, table, column, carried) for column in table.columns}


def _vault_type(model: Model, table: VaultTable, column: str, carried: dict[str, str]) -> str:
    if column in table.keys:
        return HASH_TYPE
    return model.vault_technical.get(column) or carried[staging_name(model, column)]


def staging_name(model: Model, column: str) -> str:
    """The staging column that a vault column is filled from."""
    return model.renamed.get(column, column)


def payload(model: Model, table: VaultTable) -> tuple[str, ...]:
    """The columns a satellite compares: all that come from staging, the identifier of the entity included."""
    return tuple(
        column
        for column in table.columns
        if column not in model.vault_technical and column not in table.keys and column not in table.own_key
    )


def is_text(type_name: str) -> bool:
    return type_name.startswith(TEXT_TYPES)


def hub_feeds(model: Model, hub: VaultTable) -> tuple[HubFeed, ...]:
    """The staging tables a hub is loaded from: its own first, then all others that carry its key, by name."""
    feeding = {*hub.staging, *_staging_of_references(model, hub)}
    others = sorted(set(model.staging) - {*hub.staging, *hub.not_from})
    feeds = []
    for staging in (*hub.staging, *others):
        for columns in (hub.hash_columns, *hub.also_as):
            if set(columns) <= set(model.staging[staging].columns):
                complete_only = bool(hub.natural_key) or staging not in feeding
                feeds.append(HubFeed(staging, columns, complete_only))
    return tuple(feeds)


def references(model: Model, table: VaultTable) -> dict[str, tuple[str, ...]]:
    """Natural-key hubs a link or satellite depends on: hub name to the staging columns that hold its key."""
    if table.kind not in SATELLITES:
        return dict(table.refers)
    if table.natural_key:
        hubs = [name for name in table.requires if model.vault[name].natural_key == table.natural_key]
        return dict.fromkeys(hubs, table.natural_key)
    return dict(parent(model, table).refers)


def parent(model: Model, satellite: VaultTable) -> VaultTable:
    """The hub or link whose key a hash-keyed satellite carries."""
    return next(
        table
        for table in model.vault.values()
        if table.kind not in SATELLITES and table.columns[0] == satellite.columns[0]
    )


def _staging_of_references(model: Model, hub: VaultTable) -> set[str]:
    """Staging tables of the links and satellites that carry this hub's hash key."""
    return {
        staging
        for table in model.vault.values()
        if table.kind not in HUBS and hub.columns[0] in table.keys
        for staging in table.staging
    }
