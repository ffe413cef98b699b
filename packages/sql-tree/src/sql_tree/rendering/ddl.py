"""Renders DDL: schemas, staging tables and vault tables, all of it safe to run again."""

from collections.abc import Mapping

from sql_tree.model.lineage import staging_columns, vault_columns
from sql_tree.model.tables import SATELLITES, Model, VaultTable
from sql_tree.rendering.sql_text import OPEN_END, header, lines


def staging_ddl(model: Model) -> dict[str, str]:
    """The scripts of DDL/CARS_STG by file name."""
    scripts = {
        "1_SCHEMA.sql": _schema("staging.yaml", "cars_stg", "staging, replaced as a whole by each run")
    }
    for number, name in enumerate(model.staging, start=2):
        scripts[f"{number}_{name.upper()}.sql"] = header("staging.yaml", name, "staging table") + _table(
            f"cars_stg.{name}", staging_columns(model, name), _STAGING_REQUIRED, _OPER_CHECK
        )
    return scripts


def vault_ddl(model: Model) -> dict[str, str]:
    """The scripts of DDL/EDV by file name, numbered by the tables' ETL ids."""
    scripts = {"1_SCHEMA.sql": _schema("vault.yaml", "edv", "the vault")}
    for table in sorted(model.vault.values(), key=lambda entry: entry.etl_id):
        scripts[f"{table.etl_id}_{table.name.upper()}.sql"] = _vault_table(model, table)
    return scripts


def mart_ddl() -> dict[str, str]:
    """The scripts of DDL/CAR_DM: the schemas marts are built in and published to."""
    return {
        "1_SCHEMA.sql": _schema("vault.yaml", "car_dm_stg", "marts are built here"),
        "2_SCHEMA.sql": _schema("vault.yaml", "car_dm", "marts are published here"),
    }


_STAGING_REQUIRED = ("cdc_oper_cd", "load_dt", "data_src_nm", "cdc_dt")
_OPER_CHECK = "CHECK (cdc_oper_cd IN ('I', 'UN', 'D'))"


def _schema(model_file: str, schema: str, purpose: str) -> str:
    return header(model_file, schema, purpose) + f"CREATE SCHEMA IF NOT EXISTS {schema};\n"


def _table(name: str, columns: Mapping[str, str], required: tuple[str, ...], constraint: str) -> str:
    """The table, and the columns that a table older than the model lacks."""
    created = [
        f"{column} {type_name}{' NOT NULL' if column in required else ''}"
        for column, type_name in columns.items()
    ]
    added = [
        f"ADD COLUMN IF NOT EXISTS {column} {type_name}"
        for column, type_name in columns.items()
        if column not in required
    ]
    create = f"CREATE TABLE IF NOT EXISTS {name} (\n    {lines((*created, constraint))}\n);\n"
    return f"{create}\nALTER TABLE {name}\n    {lines(added)};\n" if added else create


def _vault_table(model: Model, table: VaultTable) -> str:
    name = f"edv.{table.name}"
    if table.kind in SATELLITES:
        required = (*table.own_key, table.entity, "load_dt", *_SATELLITE_REQUIRED)
        key = f"PRIMARY KEY ({table.entity}, load_dt) DEFERRABLE INITIALLY IMMEDIATE"
        more = _satellite_indexes(table)
    else:
        required = (*table.own_key, "load_dt", "data_src_nm")
        key = f"PRIMARY KEY ({', '.join(table.own_key)})"
        more = _unique_durb_id(table) if "durb_id" in table.columns else ""
    purpose = f"{table.kind}, ETL id {table.etl_id}"
    return (
        header("vault.yaml", table.name, purpose)
        + _table(name, vault_columns(model, table), required, key)
        + more
    )


_SATELLITE_REQUIRED = ("data_eff_strt_dt", "data_src_nm", "data_eff_end_dt", "load_end_dt", "hash_dif")


def _satellite_indexes(table: VaultTable) -> str:
    """At most one open row per entity; and look-ups from the hub or link."""
    open_row = (
        "\n-- at most one open row per entity\n"
        f"CREATE UNIQUE INDEX IF NOT EXISTS {table.name}_open\n"
        f"    ON edv.{table.name} ({table.entity})\n    WHERE load_end_dt = {OPEN_END};\n"
    )
    if table.own_key == (table.entity,):
        return open_row
    by_key = f"CREATE INDEX IF NOT EXISTS {table.name}_key\n    ON edv.{table.name} ({', '.join(table.own_key)});\n"
    return open_row + "\n" + by_key


def _unique_durb_id(table: VaultTable) -> str:
    return f"\nCREATE UNIQUE INDEX IF NOT EXISTS {table.name}_durb\n    ON edv.{table.name} (durb_id);\n"
