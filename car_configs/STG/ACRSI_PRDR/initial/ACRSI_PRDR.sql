-- acrsi_prdr: all current rows of acrsi_producer
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.acrsi_producer_identifier AS acrsi_prdr_id,
    d.program_year AS pgm_yr,
    d.core_customer_identifier AS core_cust_id,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    d.creation_user_name AS cre_user_nm,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars`.`acrsi_producer` AS d
