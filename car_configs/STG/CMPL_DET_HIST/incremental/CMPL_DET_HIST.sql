-- cmpl_det_hist: the changes of compliance_detail_history of one day
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
SELECT
    d.compliance_detail_history_identifier AS cmpl_det_hist_id,
    d.agricultural_production_plan_identifier AS ag_prod_plan_id,
    d.zero_acreage_crop_identifier AS zero_acrg_crop_id,
    d.subfield_number AS sfld_nbr,
    d.field_visit_measurement_indicator AS fld_vst_meas_ind,
    d.workload_first_quarter_indicator AS wkld_fst_qtr_ind,
    d.workload_second_quarter_indicator AS wkld_se_qtr_ind,
    d.workload_third_quarter_indicator AS wkld_thrd_qtr_ind,
    d.workload_fourth_quarter_indicator AS wkld_frth_qtr_ind,
    d.workload_late_quarter_indicator AS wkld_late_qtr_ind,
    d.land_use_source_indicator AS land_use_src_ind,
    d.land_use_determined_indicator AS land_use_dter_ind,
    d.crop_status_code AS crop_stat_cd,
    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,
    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,
    d.last_change_user_name AS last_chg_user_nm,
    d.data_status_code AS data_stat_cd,
    CAST(d.crop_field_determined_date AS TIMESTAMP) AS crop_fld_dter_dt,
    d.agricultural_production_plan_staging_identifier AS ag_prod_plan_stg_id,
    d.zero_acreage_crop_staging_identifier AS zero_acrg_crop_stg_id,
    '' AS hash_diff,
    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,
    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,
    'CARS_STG' AS data_src_nm,
    CAST(d.dart_filedate AS DATE) AS cdc_dt
FROM `fsa-{env}-cars-cdc`.`compliance_detail_history` AS d
WHERE d.dart_filedate = '{ETL_START_DATE}'
