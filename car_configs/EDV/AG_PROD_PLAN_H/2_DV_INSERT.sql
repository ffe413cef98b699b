-- ag_prod_plan_h: keys of every staging table that carries them
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH staged AS (
    SELECT s.ag_prod_plan_id, s.data_src_nm
    FROM cars_stg.ag_prod_plan AS s
    WHERE s.cdc_oper_cd <> 'D'
    UNION
    SELECT s.ag_prod_plan_id, s.data_src_nm
    FROM cars_stg.bus_pty_shr AS s
    WHERE s.cdc_oper_cd <> 'D'
    UNION
    SELECT s.ag_prod_plan_id, s.data_src_nm
    FROM cars_stg.cmpl_det_hist AS s
    WHERE s.cdc_oper_cd <> 'D'
),
keyed AS (
    SELECT DISTINCT ON (ag_prod_plan_h_id)
        MD5(COALESCE(s.ag_prod_plan_id::varchar(32), '-1')) AS ag_prod_plan_h_id,
        s.ag_prod_plan_id,
        s.data_src_nm
    FROM staged AS s
    ORDER BY ag_prod_plan_h_id, s.ag_prod_plan_id, s.data_src_nm
)
INSERT INTO edv.ag_prod_plan_h (
    ag_prod_plan_h_id,
    load_dt,
    data_src_nm,
    ag_prod_plan_id
)
SELECT
    k.ag_prod_plan_h_id,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm,
    k.ag_prod_plan_id
FROM keyed AS k
WHERE NOT EXISTS (SELECT 1 FROM edv.ag_prod_plan_h AS h WHERE h.ag_prod_plan_h_id = k.ag_prod_plan_h_id)
ORDER BY k.ag_prod_plan_h_id
ON CONFLICT (ag_prod_plan_h_id) DO NOTHING;
