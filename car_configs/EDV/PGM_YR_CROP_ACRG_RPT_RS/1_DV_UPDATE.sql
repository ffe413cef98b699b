-- pgm_yr_crop_acrg_rpt_rs: time line per pgm_yr; ends versions that are followed
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
DROP TABLE IF EXISTS pg_temp.pgm_yr_crop_acrg_rpt_rs_change, pg_temp.pgm_yr_crop_acrg_rpt_rs_timeline;

-- every staged row under its key, in force from the time of the change, kept within the day of its change file
CREATE TEMPORARY TABLE pgm_yr_crop_acrg_rpt_rs_change AS
SELECT
    ROW_NUMBER() OVER () AS change_nbr,
    s.pgm_yr,
    s.data_stat_cd,
    s.cre_dt AS src_cre_dt,
    s.last_chg_dt AS src_last_chg_dt,
    s.last_chg_user_nm AS src_last_chg_user_nm,
    s.eff_prd_strt_dt,
    s.eff_prd_end_dt,
    s.dflt_pgm_yr_ind,
    s.data_src_nm,
    LEAST(
        GREATEST(s.last_chg_dt, s.cdc_dt::timestamp), s.cdc_dt + INTERVAL '1 day' - INTERVAL '1 microsecond'
    ) AS data_eff_strt_dt,
    CASE s.cdc_oper_cd WHEN 'I' THEN 0 WHEN 'UN' THEN 1 ELSE 2 END AS oper_rank,
    s.cdc_oper_cd = 'D' AS is_end,
    MD5(JSON_BUILD_ARRAY(
        s.data_stat_cd, s.cre_dt, s.last_chg_dt, s.last_chg_user_nm, s.eff_prd_strt_dt, s.eff_prd_end_dt,
        s.dflt_pgm_yr_ind
    )::text) AS hash_dif
FROM cars_stg.pgm_yr AS s;

ANALYZE pgm_yr_crop_acrg_rpt_rs_change (change_nbr, pgm_yr, data_eff_strt_dt);

-- one row per version, held or new, of every entity that changed
CREATE TEMPORARY TABLE pgm_yr_crop_acrg_rpt_rs_timeline AS
WITH loaded AS (    -- versions held
    SELECT
        v.pgm_yr, v.hash_dif, v.data_eff_strt_dt, v.src_last_chg_dt,
        v.data_eff_end_dt, v.load_dt, v.load_end_dt,
        LEAD(v.data_eff_strt_dt) OVER w AS next_eff_dt,
        LEAD(v.src_last_chg_dt) OVER w AS next_chg_dt,
        ROW_NUMBER() OVER w AS held_nbr
    FROM edv.pgm_yr_crop_acrg_rpt_rs AS v
    WHERE v.pgm_yr IN (SELECT c.pgm_yr FROM pgm_yr_crop_acrg_rpt_rs_change AS c)
    WINDOW w AS (
        PARTITION BY v.pgm_yr
        ORDER BY v.data_eff_strt_dt, v.src_last_chg_dt NULLS FIRST, v.load_dt
    )
),
staged AS (         -- versions staged, each once
    SELECT
        c.pgm_yr,
        c.hash_dif, c.data_eff_strt_dt, c.src_last_chg_dt,
        MIN(c.oper_rank) AS oper_rank, MIN(c.change_nbr) AS change_nbr
    FROM pgm_yr_crop_acrg_rpt_rs_change AS c
    WHERE NOT c.is_end
    GROUP BY
        c.pgm_yr,
        c.hash_dif, c.data_eff_strt_dt, c.src_last_chg_dt
),
deleted AS (        -- deletes staged
    SELECT DISTINCT c.pgm_yr, c.data_eff_strt_dt, c.src_last_chg_dt, c.oper_rank
    FROM pgm_yr_crop_acrg_rpt_rs_change AS c
    WHERE c.is_end
),
event AS (
    -- a held version does not tell its operation: of those at one time the last was an update,
    -- and they keep their order, unless they are staged again
    SELECT
        COALESCE(v.pgm_yr, c.pgm_yr) AS pgm_yr,
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
        ON c.pgm_yr = v.pgm_yr
        AND c.hash_dif = v.hash_dif
        AND c.data_eff_strt_dt = v.data_eff_strt_dt
    UNION ALL
    SELECT
        d.pgm_yr, NULL, d.data_eff_strt_dt, d.src_last_chg_dt, d.oper_rank, 0, TRUE,
        NULL, TIMESTAMP '{ETL_START_TIMESTAMP}', NULL, NULL
    FROM deleted AS d
    UNION ALL         -- deletes of earlier runs: a version that ended before another one began
    SELECT
        v.pgm_yr, NULL, v.data_eff_end_dt, TIMESTAMP 'infinity', 2, 0, TRUE,
        NULL, v.load_end_dt, NULL, NULL
    FROM loaded AS v
    WHERE v.data_eff_end_dt < TIMESTAMP '9999-12-31'
      AND v.data_eff_end_dt IS DISTINCT FROM v.next_eff_dt
      AND NOT EXISTS (
          SELECT 1 FROM deleted AS d
          WHERE d.pgm_yr = v.pgm_yr AND d.data_eff_strt_dt = v.data_eff_end_dt
      )
),
marked AS (         -- new: not held, and not the same as what came just before
    SELECT
        e.*,
        NOT e.is_end AND e.loaded_dt IS NULL AND (
            LAG(e.hash_dif) OVER w IS DISTINCT FROM e.hash_dif
        ) AS is_new
    FROM event AS e
    WINDOW w AS (
        PARTITION BY pgm_yr
        ORDER BY data_eff_strt_dt, src_last_chg_dt NULLS FIRST, oper_rank, held_nbr, hash_dif
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
        PARTITION BY pgm_yr
        ORDER BY data_eff_strt_dt, src_last_chg_dt NULLS FIRST, oper_rank, held_nbr, hash_dif
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
    WINDOW w AS (PARTITION BY k.pgm_yr, k.is_end, k.is_of_run ORDER BY k.seq)
),
followed AS (
    SELECT
        d.*,
        LEAD(d.data_eff_strt_dt) OVER w AS next_eff_dt,
        LEAD(d.load_dt) OVER w AS next_load_dt,
        LEAD(d.is_end) OVER w AS next_is_end,
        LEAD(d.is_of_run) OVER w AS next_is_of_run,
        ROW_NUMBER() OVER (PARTITION BY d.pgm_yr, d.is_end ORDER BY d.seq DESC) = 1 AS is_last
    FROM dated AS d
    WINDOW w AS (PARTITION BY d.pgm_yr ORDER BY d.seq)
)
SELECT
    f.pgm_yr,
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

ANALYZE pgm_yr_crop_acrg_rpt_rs_timeline (change_nbr, pgm_yr, loaded_dt);

UPDATE edv.pgm_yr_crop_acrg_rpt_rs AS v
SET
    load_dt = t.load_dt,
    data_eff_end_dt = t.data_eff_end_dt,
    load_end_dt = t.load_end_dt
FROM pgm_yr_crop_acrg_rpt_rs_timeline AS t
WHERE NOT t.is_new
  AND v.pgm_yr = t.pgm_yr
  AND v.load_dt = t.loaded_dt
  AND (v.load_dt <> t.load_dt OR v.data_eff_end_dt <> t.data_eff_end_dt OR v.load_end_dt <> t.load_end_dt);
