-- cont_plan_cert_elct: all current rows of continuous_plan_certification_election
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.continuous_plan_certification_election_identifier AS cont_plan_cert_elct_id,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    d.creation_user_name AS cre_user_nm,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    CAST(d.data_inactive_date AS TIMESTAMP) AS data_iactv_dt,
    d.crop_type_identifier AS crop_type_id,
    d.business_party_identifier AS bus_pty_id,
    CAST(d.election_terminated_date AS TIMESTAMP) AS elct_term_dt,
    d.election_terminated_reason_description AS elct_term_rsn_desc,
    d.termination_letter_generated_indicator AS term_ltr_gnrt_ind,
    crop_acreage_report.program_year AS pgm_yr,
    crop_acreage_report.farm_number AS farm_nbr,
    crop_acreage_report.state_fsa_code AS st_fsa_cd,
    crop_acreage_report.county_fsa_code AS cnty_fsa_cd,
    business_party.core_customer_identifier AS core_cust_id,
    crop_type.fsa_crop_code AS fsa_crop_cd,
    crop_type.fsa_crop_type_code AS fsa_crop_type_cd,
    crop_type.crop_intended_use_code AS crop_intn_use_cd,
    CAST(d.election_date AS TIMESTAMP) AS elct_dt,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars`.`continuous_plan_certification_election` AS d
LEFT JOIN `fsa-{env}-cars`.`crop_type` AS crop_type
    ON crop_type.crop_type_identifier = d.crop_type_identifier
LEFT JOIN `fsa-{env}-cars`.`business_party` AS business_party
    ON business_party.business_party_identifier = d.business_party_identifier
LEFT JOIN `fsa-{env}-cars`.`crop_acreage_report` AS crop_acreage_report
    ON crop_acreage_report.crop_acreage_report_identifier = business_party.crop_acreage_report_identifier
