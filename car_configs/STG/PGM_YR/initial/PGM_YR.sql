-- pgm_yr: all current rows of program_year
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.program_year AS pgm_yr,
    CAST(d.effective_period_start_date AS TIMESTAMP) AS eff_prd_strt_dt,
    CAST(d.effective_period_end_date AS TIMESTAMP) AS eff_prd_end_dt,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    d.default_program_year_indicator AS dflt_pgm_yr_ind,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars`.`program_year` AS d
