-- bus_pty: all current rows of business_party
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.business_party_identifier AS bus_pty_id,
    d.core_customer_identifier AS core_cust_id,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    d.crop_acreage_report_identifier AS crop_acrg_rpt_id,
    d.business_party_type_code AS bus_pty_type_cd,
    crop_acreage_report.program_year AS pgm_yr,
    crop_acreage_report.farm_number AS farm_nbr,
    crop_acreage_report.state_fsa_code AS st_fsa_cd,
    crop_acreage_report.county_fsa_code AS cnty_fsa_cd,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars`.`business_party` AS d
LEFT JOIN `fsa-{env}-cars`.`crop_acreage_report` AS crop_acreage_report
    ON crop_acreage_report.crop_acreage_report_identifier = d.crop_acreage_report_identifier
