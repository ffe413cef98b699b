-- acrsi_farm: the changes of acrsi_farm of one day
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.acrsi_farm_identifier AS acrsi_farm_id,
    d.program_year AS pgm_yr,
    d.state_fsa_code AS st_fsa_cd,
    d.county_fsa_code AS cnty_fsa_cd,
    d.farm_number AS farm_nbr,
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
FROM `fsa-{env}-cars-cdc`.`acrsi_farm` AS d
WHERE d.dart_filedate = '{ETL_START_DATE}'
