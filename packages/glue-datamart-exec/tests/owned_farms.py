"""Two landed tables, farms and their owners, and scripts that stage the farms with the names of their owners."""

from __future__ import annotations

from harness import World
from landing_world import FARM

PARENT = {**FARM, "source_table": "Owner", "target_table": "owner"}
SELECT = """
SELECT f.farm_identifier AS farm_id, f.acres, o.farm_nm, f.op AS cdc_oper_cd, f.dart_filedate AS cdc_dt
FROM {of} f LEFT JOIN `fsa-{env}-{app}`.`owner` o ON f.farm_identifier = o.farm_identifier
"""


def scripts(world: World) -> None:
    """Incremental reads a day's changes of farms, initial the farms' state."""
    databases = {
        "incremental": "`fsa-{env}-{app}-cdc`.`farm`",
        "initial": "`fsa-{env}-{app}`.`farm`",
    }
    paths = {kind: [f"STG/FARM/{kind}/FARM.sql"] for kind in databases}
    for kind, of in databases.items():
        where = "WHERE f.dart_filedate = '{ETL_START_DATE}'" if kind == "incremental" else ""
        world.script(paths[kind][0], (SELECT.replace("{of}", of) + where).replace("{app}", world.app))
    world.table("STG", "FARM", paths)
    world.release()
