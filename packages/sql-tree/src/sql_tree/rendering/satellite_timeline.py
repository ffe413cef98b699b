"""Renders the time line of a satellite: held versions, staged changes and deletes of each entity in one order.

The time line is a temporary table; the scripts of the satellite read it to end, add and close versions.
"""

# ruff: noqa: S608 - the text is assembled from the names of the committed model and runs in no process of ours

from dataclasses import dataclass

from sql_tree.rendering.sql_text import OPEN_END, RUN_TIMESTAMP, lines

LAST_CHANGE = "src_last_chg_dt"


@dataclass(frozen=True, slots=True)
class SatelliteNames:
    """Names that the templates of a satellite need; `key` is the hub or link key, empty where that is the entity."""

    table: str
    staging: str
    entity: str
    key: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, ...]:
        return (self.entity, *self.key)

    def listed(self, alias: str, columns: tuple[str, ...]) -> str:
        return ", ".join(f"{alias}.{column}" for column in columns)


def timeline(names: SatelliteNames) -> str:
    """The time line: held versions, staged changes and deletes of each entity in one order."""
    entity, table = names.entity, names.table
    order = ", ".join((f"{LAST_CHANGE} NULLS FIRST", "oper_rank", "held_nbr", "hash_dif", *names.key))
    in_order = f"PARTITION BY {entity}\n        ORDER BY data_eff_strt_dt, {order}"
    return f"""-- one row per version, held or new, of every entity that changed
CREATE TEMPORARY TABLE {table}_timeline AS
WITH loaded AS (    -- versions held
{_loaded(names)}
),
staged AS (         -- versions staged, each once
{_staged(names)}
),
deleted AS (        -- deletes staged
    SELECT DISTINCT c.{entity}, c.data_eff_strt_dt, c.{LAST_CHANGE}, c.oper_rank
    FROM {table}_change AS c
    WHERE c.is_end
),
event AS (
{_events(names)}
),
marked AS (         -- new: not held, and not the same as what came just before
    SELECT
        e.*,
        NOT e.is_end AND e.loaded_dt IS NULL AND (
            {_differs(names)}
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


def _loaded(names: SatelliteNames) -> str:
    entity = names.entity
    return f"""    SELECT
        {names.listed("v", names.identity)}, v.hash_dif, v.data_eff_strt_dt, v.{LAST_CHANGE},
        v.data_eff_end_dt, v.load_dt, v.load_end_dt,
        LEAD(v.data_eff_strt_dt) OVER w AS next_eff_dt,
        LEAD(v.{LAST_CHANGE}) OVER w AS next_chg_dt,
        ROW_NUMBER() OVER w AS held_nbr
    FROM edv.{names.table} AS v
    WHERE v.{entity} IN (SELECT c.{entity} FROM {names.table}_change AS c)
    WINDOW w AS (
        PARTITION BY v.{entity}
        ORDER BY v.data_eff_strt_dt, v.{LAST_CHANGE} NULLS FIRST, v.load_dt
    )"""


def _staged(names: SatelliteNames) -> str:
    grouped = f"{names.listed('c', names.identity)},\n        c.hash_dif, c.data_eff_strt_dt, c.{LAST_CHANGE}"
    return f"""    SELECT
        {grouped},
        MIN(c.oper_rank) AS oper_rank, MIN(c.change_nbr) AS change_nbr
    FROM {names.table}_change AS c
    WHERE NOT c.is_end
    GROUP BY
        {grouped}"""


def _events(names: SatelliteNames) -> str:
    entity = names.entity
    identity = lines((f"COALESCE(v.{column}, c.{column}) AS {column}" for column in names.identity), 8)
    matched = "\n        AND ".join(
        f"c.{column} = v.{column}" for column in (*names.identity, "hash_dif", "data_eff_strt_dt")
    )
    no_key = ", ".join("NULL" for _ in (*names.key, "hash_dif"))
    return f"""    -- a held version does not tell its operation: of those at one time the last was an update,
    -- and they keep their order, unless they are staged again
    SELECT
        {identity},
        COALESCE(v.hash_dif, c.hash_dif) AS hash_dif,
        COALESCE(v.data_eff_strt_dt, c.data_eff_strt_dt) AS data_eff_strt_dt,
        COALESCE(v.{LAST_CHANGE}, c.{LAST_CHANGE}) AS {LAST_CHANGE},
        CASE
            WHEN c.oper_rank IS NOT NULL THEN c.oper_rank
            WHEN v.next_eff_dt = v.data_eff_strt_dt AND v.next_chg_dt IS NOT DISTINCT FROM v.{LAST_CHANGE} THEN 0
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
        d.{entity}, {no_key}, d.data_eff_strt_dt, d.{LAST_CHANGE}, d.oper_rank, 0, TRUE,
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


def _differs(names: SatelliteNames) -> str:
    return "\n            OR ".join(
        f"LAG(e.{column}) OVER w IS DISTINCT FROM e.{column}" for column in ("hash_dif", *names.key)
    )
