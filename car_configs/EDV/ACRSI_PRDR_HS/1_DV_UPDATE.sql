-- acrsi_prdr_hs: time line per acrsi_prdr_id; ends versions that are followed
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
DROP TABLE IF EXISTS pg_temp.acrsi_prdr_hs_change, pg_temp.acrsi_prdr_hs_timeline;

-- every staged row under its key, in force from the time of the change, kept within the day of its change file
CREATE TEMPORARY TABLE acrsi_prdr_hs_change AS
SELECT
    ROW_NUMBER() OVER () AS change_nbr,
    s.core_cust_id,
    s.pgm_yr,
    s.acrsi_prdr_id,
    s.data_stat_cd,
    s.cre_dt AS src_cre_dt,
    s.cre_user_nm AS src_cre_user_nm,
    s.last_chg_dt AS src_last_chg_dt,
    s.last_chg_user_nm AS src_last_chg_user_nm,
    s.data_src_nm,
    LEAST(
        GREATEST(s.last_chg_dt, s.cdc_dt::timestamp), s.cdc_dt + INTERVAL '1 day' - INTERVAL '1 microsecond'
    ) AS data_eff_strt_dt,
    CASE s.cdc_oper_cd WHEN 'I' THEN 0 WHEN 'UN' THEN 1 ELSE 2 END AS oper_rank,
    s.cdc_oper_cd = 'D' OR s.core_cust_id IS NULL AS is_end,
    MD5(JSON_BUILD_ARRAY(
        s.pgm_yr, s.acrsi_prdr_id, s.data_stat_cd, s.cre_dt, s.cre_user_nm, s.last_chg_dt, s.last_chg_user_nm
    )::text) AS hash_dif
FROM cars_stg.acrsi_prdr AS s;

ANALYZE acrsi_prdr_hs_change (change_nbr, acrsi_prdr_id, data_eff_strt_dt);

-- one row per version, held or new, of every entity that changed
CREATE TEMPORARY TABLE acrsi_prdr_hs_timeline AS
WITH loaded AS (    -- versions held
    SELECT
        v.acrsi_prdr_id, v.core_cust_id, v.hash_dif, v.data_eff_strt_dt, v.src_last_chg_dt,
        v.data_eff_end_dt, v.load_dt, v.load_end_dt,
        LEAD(v.data_eff_strt_dt) OVER w AS next_eff_dt,
        LEAD(v.src_last_chg_dt) OVER w AS next_chg_dt,
        ROW_NUMBER() OVER w AS held_nbr
    FROM edv.acrsi_prdr_hs AS v
    WHERE v.acrsi_prdr_id IN (SELECT c.acrsi_prdr_id FROM acrsi_prdr_hs_change AS c)
    WINDOW w AS (
        PARTITION BY v.acrsi_prdr_id
        ORDER BY v.data_eff_strt_dt, v.src_last_chg_dt NULLS FIRST, v.load_dt
    )
),
staged AS (         -- versions staged, each once
    SELECT
        c.acrsi_prdr_id, c.core_cust_id,
        c.hash_dif, c.data_eff_strt_dt, c.src_last_chg_dt,
        MIN(c.oper_rank) AS oper_rank, MIN(c.change_nbr) AS change_nbr
    FROM acrsi_prdr_hs_change AS c
    WHERE NOT c.is_end
    GROUP BY
        c.acrsi_prdr_id, c.core_cust_id,
        c.hash_dif, c.data_eff_strt_dt, c.src_last_chg_dt
),
deleted AS (        -- deletes staged
    SELECT DISTINCT c.acrsi_prdr_id, c.data_eff_strt_dt, c.src_last_chg_dt, c.oper_rank
    FROM acrsi_prdr_hs_change AS c
    WHERE c.is_end
),
event AS (
    -- a held version does not tell its operation: of those at one time the last was an update,
    -- and they keep their order, unless they are staged again
    SELECT
        COALESCE(v.acrsi_prdr_id, c.acrsi_prdr_id) AS acrsi_prdr_id,
        COALESCE(v.core_cust_id, c.core_cust_id) AS core_cust_id,
        COALESCE(v.hash_dif, c.hash_dif) AS hash_dif,
        COALESCE(v.data_eff_strt_dt, c.data_eff_strt_dt) AS data_eff_strt_dt,
        COALESCE(v.src_last_chg_dt, c.src_last_chg_dt) AS src_last_chg_dt,
        CASE
            WHEN c.oper_rank IS NOT NULL THEN c.oper_rank
            WHEN v.next_eff_dt = v.data_eff_strt_dt AND v.next_chg_dt IS NOT DISTINCT FROM v.src_last_chg_dt THEN 0
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
        ON c.acrsi_prdr_id = v.acrsi_prdr_id
        AND c.core_cust_id = v.core_cust_id
        AND c.hash_dif = v.hash_dif
        AND c.data_eff_strt_dt = v.data_eff_strt_dt
    UNION ALL
    SELECT
        d.acrsi_prdr_id, NULL, NULL, d.data_eff_strt_dt, d.src_last_chg_dt, d.oper_rank, 0, TRUE,
        NULL, TIMESTAMP '{ETL_START_TIMESTAMP}', NULL, NULL
    FROM deleted AS d
    UNION ALL         -- deletes of earlier runs: a version that ended before another one began
    SELECT
        v.acrsi_prdr_id, NULL, NULL, v.data_eff_end_dt, TIMESTAMP 'infinity', 2, 0, TRUE,
        NULL, v.load_end_dt, NULL, NULL
    FROM loaded AS v
    WHERE v.data_eff_end_dt < TIMESTAMP '9999-12-31'
      AND v.data_eff_end_dt IS DISTINCT FROM v.next_eff_dt
      AND NOT EXISTS (
          SELECT 1 FROM deleted AS d
          WHERE d.acrsi_prdr_id = v.acrsi_prdr_id AND d.data_eff_strt_dt = v.data_eff_end_dt
      )
),
marked AS (         -- new: not held, and not the same as what came just before
    SELECT
        e.*,
        NOT e.is_end AND e.loaded_dt IS NULL AND (
            LAG(e.hash_dif) OVER w IS DISTINCT FROM e.hash_dif
            OR LAG(e.core_cust_id) OVER w IS DISTINCT FROM e.core_cust_id
        ) AS is_new
    FROM event AS e
    WINDOW w AS (
        PARTITION BY acrsi_prdr_id
        ORDER BY data_eff_strt_dt, src_last_chg_dt NULLS FIRST, oper_rank, held_nbr, hash_dif, core_cust_id
    )
),
kept AS (
    SELECT
        m.*,
        ROW_NUMBER() OVER w AS seq,
        m.is_new OR (
            m.loaded_dt >= TIMESTAMP '{ETL_START_TIMESTAMP}'
            AND m.loaded_dt < TIMESTAMP '{ETL_START_TIMESTAMP}' + INTERVAL '1 day'
        ) AS is_of_run
    FROM marked AS m
    WHERE m.is_end OR m.is_new OR m.loaded_dt IS NOT NULL
    WINDOW w AS (
        PARTITION BY acrsi_prdr_id
        ORDER BY data_eff_strt_dt, src_last_chg_dt NULLS FIRST, oper_rank, held_nbr, hash_dif, core_cust_id
    )
),
dated AS (          -- the versions of one run are one microsecond apart
    SELECT
        k.*,
        CASE
            WHEN k.is_end OR NOT k.is_of_run THEN k.loaded_dt
            ELSE TIMESTAMP '{ETL_START_TIMESTAMP}' + INTERVAL '1 microsecond' * (ROW_NUMBER() OVER w - 1)
        END AS load_dt
    FROM kept AS k
    WINDOW w AS (PARTITION BY k.acrsi_prdr_id, k.is_end, k.is_of_run ORDER BY k.seq)
),
followed AS (
    SELECT
        d.*,
        LEAD(d.data_eff_strt_dt) OVER w AS next_eff_dt,
        LEAD(d.load_dt) OVER w AS next_load_dt,
        LEAD(d.is_end) OVER w AS next_is_end,
        LEAD(d.is_of_run) OVER w AS next_is_of_run,
        ROW_NUMBER() OVER (PARTITION BY d.acrsi_prdr_id, d.is_end ORDER BY d.seq DESC) = 1 AS is_last
    FROM dated AS d
    WINDOW w AS (PARTITION BY d.acrsi_prdr_id ORDER BY d.seq)
)
SELECT
    f.acrsi_prdr_id,
    f.change_nbr,
    f.is_new,
    f.loaded_dt,
    f.load_dt,
    f.data_eff_strt_dt,
    CASE
        WHEN f.is_last THEN COALESCE(f.data_eff_end_dt, TIMESTAMP '9999-12-31')
        ELSE f.next_eff_dt
    END AS data_eff_end_dt,
    GREATEST(f.load_dt, CASE
        WHEN f.is_last THEN COALESCE(f.load_end_dt, TIMESTAMP '9999-12-31')
        WHEN f.data_eff_end_dt = f.next_eff_dt AND NOT f.next_is_of_run THEN f.load_end_dt
        ELSE f.next_load_dt
    END) AS load_end_dt,
    f.is_last,
    CASE WHEN f.next_is_end THEN f.next_eff_dt ELSE TIMESTAMP '9999-12-31' END AS last_eff_end_dt,
    CASE WHEN f.next_is_end THEN GREATEST(f.load_dt, f.next_load_dt) ELSE TIMESTAMP '9999-12-31' END AS last_load_end_dt
FROM followed AS f
WHERE NOT f.is_end;

ANALYZE acrsi_prdr_hs_timeline (change_nbr, acrsi_prdr_id, loaded_dt);

UPDATE edv.acrsi_prdr_hs AS v
SET
    load_dt = t.load_dt,
    data_eff_end_dt = t.data_eff_end_dt,
    load_end_dt = t.load_end_dt
FROM acrsi_prdr_hs_timeline AS t
WHERE NOT t.is_new
  AND v.acrsi_prdr_id = t.acrsi_prdr_id
  AND v.load_dt = t.loaded_dt
  AND (v.load_dt <> t.load_dt OR v.data_eff_end_dt <> t.data_eff_end_dt OR v.load_end_dt <> t.load_end_dt);
