"""Renders the load of satellites: the history of the entities that changed, then what is new, then deletes.

`1_DV_UPDATE` merges the staged changes with the versions held into one time line per entity and ends versions
that another one follows; `2_DV_INSERT` adds the new versions; `3_DV_DELETE` ends last versions that were deleted
(and opens one that turned out to be the last). The three run in one transaction and share two temporary tables,
which the last one drops. Nothing depends on the order in which the rows or files of a day arrive, and a change
that is already held adds nothing.
"""

# ruff: noqa: S608 - the text is assembled from the names of the committed model and runs in no process of ours

from dataclasses import dataclass

from sql_tree.model.lineage import payload, references, staging_columns, staging_name
from sql_tree.model.tables import Model, VaultTable
from sql_tree.rendering.sql_text import (
    OPEN_END,
    RUN_TIMESTAMP,
    aliased,
    hash_key,
    header,
    lines,
    natural_value,
    wrapped,
)

_LAST_CHANGE = "src_last_chg_dt"


def satellite_scripts(model: Model, satellite: VaultTable) -> dict[str, str]:
    """The three scripts of a satellite by file name."""
    parts = _parts(model, satellite)
    update = _change(model, satellite, parts) + _timeline(parts) + _update(parts)
    purposes = {
        "1_DV_UPDATE.sql": (f"time line per {parts.entity}; ends versions that are followed", update),
        "2_DV_INSERT.sql": ("adds the new versions of the time line", _insert(satellite, parts)),
        "3_DV_DELETE.sql": ("ends the last version of what was deleted", _delete(parts)),
    }
    return {
        file: header("vault.yaml", satellite.name, purpose) + text
        for file, (purpose, text) in purposes.items()
    }


@dataclass(frozen=True, slots=True)
class _Parts:
    """Names that the templates need: `key` is the hub or link key, left out where it is the entity itself."""

    table: str
    staging: str
    entity: str
    key: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, ...]:
        return (self.entity, *self.key)

    def listed(self, alias: str, columns: tuple[str, ...]) -> str:
        return ", ".join(f"{alias}.{column}" for column in columns)


def _parts(model: Model, satellite: VaultTable) -> _Parts:
    key = tuple(column for column in satellite.own_key if column != satellite.entity)
    return _Parts(satellite.name, satellite.staging[0], satellite.entity, key)


def _change(model: Model, satellite: VaultTable, parts: _Parts) -> str:
    types = staging_columns(model, parts.staging)
    compared = payload(model, satellite)
    named = [
        column
        for column in satellite.columns
        if column not in model.vault_technical and column not in parts.key
    ]
    keys = [aliased(_key_value(satellite, column, types), column) for column in parts.key]
    values = [aliased(f"s.{staging_name(model, column)}", column) for column in named]
    hashed = [f"s.{staging_name(model, column)}" for column in compared]
    return f"""{_drop(parts)}
-- every staged row under its key, in force from the time of the change, kept within the day of its change file
CREATE TEMPORARY TABLE {parts.table}_change AS
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
FROM cars_stg.{parts.staging} AS s;

ANALYZE {parts.table}_change (change_nbr, {parts.entity}, data_eff_strt_dt);

"""


def _key_value(satellite: VaultTable, column: str, types: dict[str, str]) -> str:
    if column in satellite.keys:
        return hash_key(satellite.keys[column], types, "s", 4)
    return natural_value(column, types[column], "s")


def _is_end(model: Model, satellite: VaultTable) -> str:
    """A delete ends the entity; so does a row that lost the natural key its link or hub needs."""
    missing = [column for columns in references(model, satellite).values() for column in columns]
    return " OR ".join(["s.cdc_oper_cd = 'D'", *(f"s.{column} IS NULL" for column in missing)])


def _timeline(parts: _Parts) -> str:
    """The time line: held versions, staged changes and deletes of each entity in one order."""
    entity, table = parts.entity, parts.table
    order = ", ".join((f"{_LAST_CHANGE} NULLS FIRST", "oper_rank", "held_nbr", "hash_dif", *parts.key))
    in_order = f"PARTITION BY {entity}\n        ORDER BY data_eff_strt_dt, {order}"
    return f"""-- one row per version, held or new, of every entity that changed
CREATE TEMPORARY TABLE {table}_timeline AS
WITH loaded AS (    -- versions held
{_loaded(parts)}
),
staged AS (         -- versions staged, each once
{_staged(parts)}
),
deleted AS (        -- deletes staged
    SELECT DISTINCT c.{entity}, c.data_eff_strt_dt, c.{_LAST_CHANGE}, c.oper_rank
    FROM {table}_change AS c
    WHERE c.is_end
),
event AS (
{_events(parts)}
),
marked AS (         -- new: not held, and not the same as what came just before
    SELECT
        e.*,
        NOT e.is_end AND e.loaded_dt IS NULL AND (
            {_differs(parts)}
        ) AS is_new
    FROM event AS e
    WINDOW w AS (
        {in_order}
    )
),
kept AS (
    SELECT
        m.*,
        ROW_NUMBER() OVER w AS seq,
        m.is_new OR (
            m.loaded_dt >= {RUN_TIMESTAMP}
            AND m.loaded_dt < {RUN_TIMESTAMP} + INTERVAL '1 day'
        ) AS is_of_run
    FROM marked AS m
    WHERE m.is_end OR m.is_new OR m.loaded_dt IS NOT NULL
    WINDOW w AS (
        {in_order}
    )
),
dated AS (          -- the versions of one run are one microsecond apart
    SELECT
        k.*,
        CASE
            WHEN k.is_end OR NOT k.is_of_run THEN k.loaded_dt
            ELSE {RUN_TIMESTAMP} + INTERVAL '1 microsecond' * (ROW_NUMBER() OVER w - 1)
        END AS load_dt
    FROM kept AS k
    WINDOW w AS (PARTITION BY k.{entity}, k.is_end, k.is_of_run ORDER BY k.seq)
),
followed AS (
    SELECT
        d.*,
        LEAD(d.data_eff_strt_dt) OVER w AS next_eff_dt,
        LEAD(d.load_dt) OVER w AS next_load_dt,
        LEAD(d.is_end) OVER w AS next_is_end,
        LEAD(d.is_of_run) OVER w AS next_is_of_run,
        ROW_NUMBER() OVER (PARTITION BY d.{entity}, d.is_end ORDER BY d.seq DESC) = 1 AS is_last
    FROM dated AS d
    WINDOW w AS (PARTITION BY d.{entity} ORDER BY d.seq)
)
SELECT
    f.{entity},
    f.change_nbr,
    f.is_new,
    f.loaded_dt,
    f.load_dt,
    f.data_eff_strt_dt,
    CASE
        WHEN f.is_last THEN COALESCE(f.data_eff_end_dt, {OPEN_END})
        ELSE f.next_eff_dt
    END AS data_eff_end_dt,
    GREATEST(f.load_dt, CASE
        WHEN f.is_last THEN COALESCE(f.load_end_dt, {OPEN_END})
        WHEN f.data_eff_end_dt = f.next_eff_dt AND NOT f.next_is_of_run THEN f.load_end_dt
        ELSE f.next_load_dt
    END) AS load_end_dt,
    f.is_last,
    CASE WHEN f.next_is_end THEN f.next_eff_dt ELSE {OPEN_END} END AS last_eff_end_dt,
    CASE WHEN f.next_is_end THEN GREATEST(f.load_dt, f.next_load_dt) ELSE {OPEN_END} END AS last_load_end_dt
FROM followed AS f
WHERE NOT f.is_end;

ANALYZE {table}_timeline (change_nbr, {entity}, loaded_dt);

"""


def _loaded(parts: _Parts) -> str:
    entity = parts.entity
    return f"""    SELECT
        {parts.listed("v", parts.identity)}, v.hash_dif, v.data_eff_strt_dt, v.{_LAST_CHANGE},
        v.data_eff_end_dt, v.load_dt, v.load_end_dt,
        LEAD(v.data_eff_strt_dt) OVER w AS next_eff_dt,
        LEAD(v.{_LAST_CHANGE}) OVER w AS next_chg_dt,
        ROW_NUMBER() OVER w AS held_nbr
    FROM edv.{parts.table} AS v
    WHERE v.{entity} IN (SELECT c.{entity} FROM {parts.table}_change AS c)
    WINDOW w AS (
        PARTITION BY v.{entity}
        ORDER BY v.data_eff_strt_dt, v.{_LAST_CHANGE} NULLS FIRST, v.load_dt
    )"""


def _staged(parts: _Parts) -> str:
    grouped = (
        f"{parts.listed('c', parts.identity)},\n        c.hash_dif, c.data_eff_strt_dt, c.{_LAST_CHANGE}"
    )
    return f"""    SELECT
        {grouped},
        MIN(c.oper_rank) AS oper_rank, MIN(c.change_nbr) AS change_nbr
    FROM {parts.table}_change AS c
    WHERE NOT c.is_end
    GROUP BY
        {grouped}"""


def _events(parts: _Parts) -> str:
    entity = parts.entity
    identity = lines((f"COALESCE(v.{column}, c.{column}) AS {column}" for column in parts.identity), 8)
    matched = "\n        AND ".join(
        f"c.{column} = v.{column}" for column in (*parts.identity, "hash_dif", "data_eff_strt_dt")
    )
    no_key = ", ".join("NULL" for _ in (*parts.key, "hash_dif"))
    return f"""    -- a held version does not tell its operation: of those at one time the last was an update,
    -- and they keep their order, unless they are staged again
    SELECT
        {identity},
        COALESCE(v.hash_dif, c.hash_dif) AS hash_dif,
        COALESCE(v.data_eff_strt_dt, c.data_eff_strt_dt) AS data_eff_strt_dt,
        COALESCE(v.{_LAST_CHANGE}, c.{_LAST_CHANGE}) AS {_LAST_CHANGE},
        CASE
            WHEN c.oper_rank IS NOT NULL THEN c.oper_rank
            WHEN v.next_eff_dt = v.data_eff_strt_dt AND v.next_chg_dt IS NOT DISTINCT FROM v.{_LAST_CHANGE} THEN 0
            ELSE 1
        END AS oper_rank,
        CASE WHEN c.oper_rank IS NOT NULL THEN 0 ELSE v.held_nbr END AS held_nbr,
        FALSE AS is_end,
        c.change_nbr,
        v.load_dt AS loaded_dt,
        v.data_eff_end_dt,
        v.load_end_dt
    FROM loaded AS v
    FULL JOIN staged AS c
        ON {matched}
    UNION ALL
    SELECT
        d.{entity}, {no_key}, d.data_eff_strt_dt, d.{_LAST_CHANGE}, d.oper_rank, 0, TRUE,
        NULL, {RUN_TIMESTAMP}, NULL, NULL
    FROM deleted AS d
    UNION ALL         -- deletes of earlier runs: a version that ended before another one began
    SELECT
        v.{entity}, {no_key}, v.data_eff_end_dt, TIMESTAMP 'infinity', 2, 0, TRUE,
        NULL, v.load_end_dt, NULL, NULL
    FROM loaded AS v
    WHERE v.data_eff_end_dt < {OPEN_END}
      AND v.data_eff_end_dt IS DISTINCT FROM v.next_eff_dt
      AND NOT EXISTS (
          SELECT 1 FROM deleted AS d
          WHERE d.{entity} = v.{entity} AND d.data_eff_strt_dt = v.data_eff_end_dt
      )"""


def _differs(parts: _Parts) -> str:
    return "\n            OR ".join(
        f"LAG(e.{column}) OVER w IS DISTINCT FROM e.{column}" for column in ("hash_dif", *parts.key)
    )


def _update(parts: _Parts) -> str:
    return f"""UPDATE edv.{parts.table} AS v
SET
    load_dt = t.load_dt,
    data_eff_end_dt = t.data_eff_end_dt,
    load_end_dt = t.load_end_dt
FROM {parts.table}_timeline AS t
WHERE NOT t.is_new
  AND v.{parts.entity} = t.{parts.entity}
  AND v.load_dt = t.loaded_dt
  AND (v.load_dt <> t.load_dt OR v.data_eff_end_dt <> t.data_eff_end_dt OR v.load_end_dt <> t.load_end_dt);
"""


def _insert(satellite: VaultTable, parts: _Parts) -> str:
    of_timeline = {"load_dt", "data_eff_strt_dt", "data_eff_end_dt", "load_end_dt"}
    values = lines(f"t.{column}" if column in of_timeline else f"c.{column}" for column in satellite.columns)
    return f"""-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.{parts.table} (
    {lines(satellite.columns)}
)
SELECT
    {values}
FROM {parts.table}_timeline AS t
INNER JOIN {parts.table}_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.{parts.entity}, t.load_dt;
"""


def _delete(parts: _Parts) -> str:
    return f"""UPDATE edv.{parts.table} AS v
SET
    data_eff_end_dt = t.last_eff_end_dt,
    load_end_dt = t.last_load_end_dt
FROM {parts.table}_timeline AS t
WHERE t.is_last
  AND (t.last_eff_end_dt <> t.data_eff_end_dt OR t.last_load_end_dt <> t.load_end_dt)
  AND v.{parts.entity} = t.{parts.entity}
  AND v.load_dt = t.load_dt;

{_drop(parts)}"""


def _drop(parts: _Parts) -> str:
    return f"DROP TABLE IF EXISTS pg_temp.{parts.table}_change, pg_temp.{parts.table}_timeline;\n"
