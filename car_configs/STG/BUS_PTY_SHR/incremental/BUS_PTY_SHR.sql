-- bus_pty_shr: the changes of business_party_share of one day
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.business_party_share_identifier AS bus_pty_shr_id,
    d.business_party_identifier AS bus_pty_id,
    d.agricultural_production_plan_identifier AS ag_prod_plan_id,
    d.crop_share_percent AS crop_shr_pct,
    d.land_unit_rma_number AS land_unit_rma_nbr,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    d.business_party_type_code AS bus_pty_type_cd,
    d.tract_business_party_identifier AS tr_bus_pty_id,
    d.tract_identifier AS tr_id,
    crop_acreage_report.program_year AS pgm_yr,
    crop_acreage_report.farm_number AS farm_nbr,
    tract.tract_number AS tr_nbr,
    business_party.core_customer_identifier AS core_cust_id,
    crop_acreage_report.state_fsa_code AS st_fsa_cd,
    crop_acreage_report.county_fsa_code AS cnty_fsa_cd,
    agricultural_production_plan.field_number AS fld_nbr,
    agricultural_production_plan.subfield_number AS sfld_nbr,
    agricultural_production_plan.fsa_crop_code AS fsa_crop_cd,
    agricultural_production_plan.fsa_crop_type_code AS fsa_crop_type_cd,
    agricultural_production_plan.crop_intended_use_code AS crop_intn_use_cd,
    agricultural_production_plan.planting_period_code AS plnt_prd_cd,
    agricultural_production_plan.planting_primary_status_code AS plnt_prim_stat_cd,
    agricultural_production_plan.planting_secondary_status_code AS plnt_scnd_stat_cd,
    agricultural_production_plan.planting_multiple_crop_code AS plnt_mult_crop_cd,
    agricultural_production_plan.irrigation_practice_code AS irr_prac_cd,
    d.hemp_license_number AS hemp_lic_nbr,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars-cdc`.`business_party_share` AS d
LEFT JOIN `fsa-{env}-cars`.`agricultural_production_plan` AS agricultural_production_plan
    ON agricultural_production_plan.agricultural_production_plan_identifier = d.agricultural_production_plan_identifier
LEFT JOIN `fsa-{env}-cars`.`tract_business_party` AS tract_business_party
    ON tract_business_party.tract_business_party_identifier = d.tract_business_party_identifier
LEFT JOIN `fsa-{env}-cars`.`business_party` AS business_party
    ON business_party.business_party_identifier = COALESCE(
        d.business_party_identifier,
        tract_business_party.business_party_identifier
    )
LEFT JOIN `fsa-{env}-cars`.`tract` AS tract
    ON tract.tract_identifier = COALESCE(
        d.tract_identifier,
        agricultural_production_plan.tract_identifier,
        tract_business_party.tract_identifier
    )
LEFT JOIN `fsa-{env}-cars`.`crop_acreage_report` AS crop_acreage_report
    ON crop_acreage_report.crop_acreage_report_identifier = COALESCE(
        tract.crop_acreage_report_identifier,
        business_party.crop_acreage_report_identifier
    )
WHERE d.dart_filedate = '{ETL_START_DATE}'
