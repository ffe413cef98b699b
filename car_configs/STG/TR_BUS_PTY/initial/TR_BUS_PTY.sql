-- tr_bus_pty: all current rows of tract_business_party
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.tract_business_party_identifier AS tr_bus_pty_id,
    d.tract_identifier AS tr_id,
    d.business_party_identifier AS bus_pty_id,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    CAST(d.data_inactive_date AS TIMESTAMP) AS data_iactv_dt,
    d.business_party_type_code AS bus_pty_type_cd,
    crop_acreage_report.program_year AS pgm_yr,
    crop_acreage_report.farm_number AS farm_nbr,
    crop_acreage_report.state_fsa_code AS st_fsa_cd,
    crop_acreage_report.county_fsa_code AS cnty_fsa_cd,
    tract.tract_number AS tr_nbr,
    business_party.core_customer_identifier AS core_cust_id,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars`.`tract_business_party` AS d
LEFT JOIN `fsa-{env}-cars`.`tract` AS tract
    ON tract.tract_identifier = d.tract_identifier
LEFT JOIN `fsa-{env}-cars`.`business_party` AS business_party
    ON business_party.business_party_identifier = d.business_party_identifier
LEFT JOIN `fsa-{env}-cars`.`crop_acreage_report` AS crop_acreage_report
    ON crop_acreage_report.crop_acreage_report_identifier = COALESCE(
        tract.crop_acreage_report_identifier,
        business_party.crop_acreage_report_identifier
    )
