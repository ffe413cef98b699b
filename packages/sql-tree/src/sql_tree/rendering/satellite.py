"""Renders the load of satellites: the history of the entities that changed, then what is new, then deletes.

`1_DV_UPDATE` merges the staged changes with the versions held into one time line per entity and ends versions
that another one follows; `2_DV_INSERT` adds the new versions; `3_DV_DELETE` ends last versions that were deleted
(and opens one that turned out to be the last). The three run in one transaction and share two temporary tables,
which the last one drops. Nothing depends on the order in which the rows or files of a day arrive, and a change
that is already held adds nothing.
"""

# ruff: noqa: S608 - the text is assembled from the names of the committed model and runs in no process of ours

from sql_tree.model.lineage import payload, references, staging_columns, staging_name
from sql_tree.model.tables import Model, VaultTable
from sql_tree.rendering.satellite_timeline import SatelliteNames, timeline
from sql_tree.rendering.sql_text import (
    aliased,
    hash_key,
    header,
    lines,
    natural_value,
    wrapped,
)


def satellite_scripts(model: Model, satellite: VaultTable) -> dict[str, str]:
    """The three scripts of a satellite by file name."""
    names = _names(model, satellite)
    update = _change(model, satellite, names) + timeline(names) + _update(names)
    purposes = {
        "1_DV_UPDATE.sql": (f"time line per {names.entity}; ends versions that are followed", update),
        "2_DV_INSERT.sql": ("adds the new versions of the time line", _insert(satellite, names)),
        "3_DV_DELETE.sql": ("ends the last version of what was deleted", _delete(names)),
    }
    return {
        file: header("vault.yaml", satellite.name, purpose) + text
        for file, (purpose, text) in purposes.items()
    }


def _names(model: Model, satellite: VaultTable) -> SatelliteNames:
    key = tuple(column for column in satellite.own_key if column != satellite.entity)
    return SatelliteNames(satellite.name, satellite.staging[0], satellite.entity, key)


def _change(model: Model, satellite: VaultTable, names: SatelliteNames) -> str:
    types = staging_columns(model, names.staging)
    compared = payload(model, satellite)
    named = [
        column
        for column in satellite.columns
        if column not in model.vault_technical and column not in names.key
    ]
    keys = [aliased(_key_value(satellite, column, types), column) for column in names.key]
    values = [aliased(f"s.{staging_name(model, column)}", column) for column in named]
    hashed = [f"s.{staging_name(model, column)}" for column in compared]
    return f"""{_drop(names)}
-- every staged row under its key, in force from the time of the change, kept within the day of its change file
CREATE TEMPORARY TABLE {names.table}_change AS
SELECT
    ROW_NUMBER() OVER () AS change_nbr,
    {lines((*keys, *values))},
    s.data_src_nm,
    LEAST(
        GREATEST(s.last_chg_dt, s.cdc_dt::timestamp), s.cdc_dt + INTERVAL '1 day' - INTERVAL '1 microsecond'
    ) AS data_eff_strt_dt,
    CASE s.cdc_oper_cd WHEN 'I' THEN 0 WHEN 'UN' THEN 1 ELSE 2 END AS oper_rank,
    {_is_end(model, satellite)} AS is_end,
    MD5(JSON_BUILD_ARRAY(
        {wrapped(hashed)}
    )::text) AS hash_dif
FROM cars_stg.{names.staging} AS s;

ANALYZE {names.table}_change (change_nbr, {names.entity}, data_eff_strt_dt);

"""


def _key_value(satellite: VaultTable, column: str, types: dict[str, str]) -> str:
    if column in satellite.keys:
        return hash_key(satellite.keys[column], types, "s", 4)
    return natural_value(column, types[column], "s")


def _is_end(model: Model, satellite: VaultTable) -> str:
    """A delete ends the entity; so does a row that lost the natural key its link or hub needs."""
    missing = [column for columns in references(model, satellite).values() for column in columns]
    return " OR ".join(["s.cdc_oper_cd = 'D'", *(f"s.{column} IS NULL" for column in missing)])


def _update(names: SatelliteNames) -> str:
    return f"""UPDATE edv.{names.table} AS v
SET
    load_dt = t.load_dt,
    data_eff_end_dt = t.data_eff_end_dt,
    load_end_dt = t.load_end_dt
FROM {names.table}_timeline AS t
WHERE NOT t.is_new
  AND v.{names.entity} = t.{names.entity}
  AND v.load_dt = t.loaded_dt
  AND (v.load_dt <> t.load_dt OR v.data_eff_end_dt <> t.data_eff_end_dt OR v.load_end_dt <> t.load_end_dt);
"""


def _insert(satellite: VaultTable, names: SatelliteNames) -> str:
    of_timeline = {"load_dt", "data_eff_strt_dt", "data_eff_end_dt", "load_end_dt"}
    values = lines(f"t.{column}" if column in of_timeline else f"c.{column}" for column in satellite.columns)
    return f"""-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.{names.table} (
    {lines(satellite.columns)}
)
SELECT
    {values}
FROM {names.table}_timeline AS t
INNER JOIN {names.table}_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.{names.entity}, t.load_dt;
"""


def _delete(names: SatelliteNames) -> str:
    return f"""UPDATE edv.{names.table} AS v
SET
    data_eff_end_dt = t.last_eff_end_dt,
    load_end_dt = t.last_load_end_dt
FROM {names.table}_timeline AS t
WHERE t.is_last
  AND (t.last_eff_end_dt <> t.data_eff_end_dt OR t.last_load_end_dt <> t.load_end_dt)
  AND v.{names.entity} = t.{names.entity}
  AND v.load_dt = t.load_dt;

{_drop(names)}"""


def _drop(names: SatelliteNames) -> str:
    return f"DROP TABLE IF EXISTS pg_temp.{names.table}_change, pg_temp.{names.table}_timeline;\n"
