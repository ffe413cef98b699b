-- crop_type: the changes of crop_type of one day
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.crop_type_identifier AS crop_type_id,
    d.fsa_crop_code AS fsa_crop_cd,
    d.fsa_crop_type_code AS fsa_crop_type_cd,
    d.program_year AS pgm_yr,
    d.cars_crop_classification_code AS cars_crop_cls_cd,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    d.crop_intended_use_code AS crop_intn_use_cd,
    CAST(d.data_inactive_date AS TIMESTAMP) AS data_iactv_dt,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars-cdc`.`crop_type` AS d
WHERE d.dart_filedate = '{ETL_START_DATE}'
