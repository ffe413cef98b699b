-- field: the changes of field of one day
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.field_identifier AS fld_id,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    d.creation_user_name AS cre_user_nm,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    CAST(d.data_inactive_date AS TIMESTAMP) AS data_iactv_dt,
    d.tract_identifier AS tr_id,
    d.field_number AS fld_nbr,
    d.clu_identifier AS clu_id,
    d.clu_acreage AS clu_acrg,
    d.location_state_fsa_code AS loc_st_fsa_cd,
    d.location_county_fsa_code AS loc_cnty_fsa_cd,
    d.state_ansi_code AS st_ansi_cd,
    d.county_ansi_code AS cnty_ansi_cd,
    crop_acreage_report.program_year AS pgm_yr,
    crop_acreage_report.farm_number AS farm_nbr,
    tract.tract_number AS tr_nbr,
    crop_acreage_report.state_fsa_code AS st_fsa_cd,
    crop_acreage_report.county_fsa_code AS cnty_fsa_cd,
    d.cropland_indicator AS cpld_ind,
    CAST(d.native_sod_conversion_date AS TIMESTAMP) AS ntv_sod_cvsn_dt,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars-cdc`.`field` AS d
LEFT JOIN `fsa-{env}-cars`.`tract` AS tract
    ON tract.tract_identifier = d.tract_identifier
LEFT JOIN `fsa-{env}-cars`.`crop_acreage_report` AS crop_acreage_report
    ON crop_acreage_report.crop_acreage_report_identifier = tract.crop_acreage_report_identifier
WHERE d.dart_filedate = '{ETL_START_DATE}'
