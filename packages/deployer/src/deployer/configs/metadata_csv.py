"""Renders the metadata: which tables a release loads, and what must be loaded before what."""

from collections.abc import Iterable

from deployer.configs.model_tables import Model
from deployer.configs.staging_sql import CHANGE_ZONE, FINAL_ZONE


def metadata_files(model: Model) -> dict[str, str]:
    """The CSV files of `metadata/` by file name."""
    vault = sorted(model.vault.values(), key=lambda table: table.etl_id)
    ids = {table.name: table.etl_id for table in vault}
    needs = {
        table.etl_id: {*(ids[name] for name in table.requires), *table.requires_outside} for table in vault
    }
    return {
        "stg_tables.csv": _csv("tbl", ([name.upper()] for name in model.staging)),
        "dv_tables.csv": _csv(
            "etl_dv_tbl_id|dv_tbl_nm", ([table.etl_id, table.name.upper()] for table in vault)
        ),
        "dv_tbl_dpnds.csv": _csv(
            "etl_dv_tbl_id|rqr_etl_dv_tbl_id",
            ([table_id, need] for table_id, wanted in needs.items() for need in sorted(wanted)),
        ),
        "dm_tables.csv": _csv("etl_dm_tbl_id|dm_tbl_nm", ()),
        "dm_tbl_dpnds.csv": _csv("etl_dm_tbl_id|rqr_etl_dm_tbl_id", ()),
        "external_tables.csv": _csv("tbl", ([name] for name in _external(model))),
    }


def _external(model: Model) -> list[str]:
    """Tables that scripts read and no script of a release writes: the zones of the CARS source."""
    return [f"{zone}.{source}" for zone in (FINAL_ZONE, CHANGE_ZONE) for source in model.sources]


def _csv(header: str, rows: Iterable[Iterable[object]]) -> str:
    return "".join(f"{line}\n" for line in (header, *("|".join(map(str, row)) for row in rows)))
