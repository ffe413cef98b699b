-- core_cust_h: keys of every staging table that carries them
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH staged AS (
    SELECT s.core_cust_id, s.data_src_nm
    FROM cars_stg.acrsi_prdr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.core_cust_id IS NOT NULL
    UNION
    SELECT s.core_cust_id, s.data_src_nm
    FROM cars_stg.bus_pty AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.core_cust_id IS NOT NULL
    UNION
    SELECT s.core_cust_id, s.data_src_nm
    FROM cars_stg.bus_pty_shr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.core_cust_id IS NOT NULL
    UNION
    SELECT s.core_cust_id, s.data_src_nm
    FROM cars_stg.cont_plan_cert_elct AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.core_cust_id IS NOT NULL
    UNION
    SELECT s.core_cust_id, s.data_src_nm
    FROM cars_stg.tr_bus_pty AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.core_cust_id IS NOT NULL
),
keyed AS (
    SELECT DISTINCT ON (core_cust_id) s.core_cust_id, s.data_src_nm
    FROM staged AS s
    ORDER BY core_cust_id, s.data_src_nm
)
INSERT INTO edv.core_cust_h (
    core_cust_id,
    load_dt,
    data_src_nm,
    durb_id
)
SELECT
    k.core_cust_id,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm,
    COALESCE((SELECT MAX(durb_id) FROM edv.core_cust_h), 0) + ROW_NUMBER() OVER (ORDER BY k.core_cust_id)
FROM keyed AS k
WHERE NOT EXISTS (SELECT 1 FROM edv.core_cust_h AS h WHERE h.core_cust_id = k.core_cust_id)
ORDER BY k.core_cust_id
ON CONFLICT (core_cust_id) DO NOTHING;
