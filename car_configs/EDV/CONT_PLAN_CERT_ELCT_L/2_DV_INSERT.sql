-- cont_plan_cert_elct_l: links shown by cont_plan_cert_elct
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH keyed AS (
    SELECT DISTINCT ON (cont_plan_cert_elct_l_id)
        MD5(
            COALESCE(s.pgm_yr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.farm_nbr), '--'))
            || '~~' || COALESCE(s.core_cust_id::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.fsa_crop_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.fsa_crop_type_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.crop_intn_use_cd), '--'))
        ) AS cont_plan_cert_elct_l_id,
        MD5(
            COALESCE(s.pgm_yr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.farm_nbr), '--'))
        ) AS crop_acrg_rpt_h_id,
        s.core_cust_id,
        s.fsa_crop_cd,
        s.fsa_crop_type_cd,
        s.crop_intn_use_cd AS intn_use_cd,
        s.data_src_nm
    FROM cars_stg.cont_plan_cert_elct AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.core_cust_id IS NOT NULL
    ORDER BY
        cont_plan_cert_elct_l_id, crop_acrg_rpt_h_id, core_cust_id, fsa_crop_cd, fsa_crop_type_cd,
        intn_use_cd, data_src_nm
)
INSERT INTO edv.cont_plan_cert_elct_l (
    cont_plan_cert_elct_l_id,
    crop_acrg_rpt_h_id,
    core_cust_id,
    fsa_crop_cd,
    fsa_crop_type_cd,
    intn_use_cd,
    load_dt,
    data_src_nm
)
SELECT
    k.cont_plan_cert_elct_l_id,
    k.crop_acrg_rpt_h_id,
    k.core_cust_id,
    k.fsa_crop_cd,
    k.fsa_crop_type_cd,
    k.intn_use_cd,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm
FROM keyed AS k
WHERE NOT EXISTS (
    SELECT 1 FROM edv.cont_plan_cert_elct_l AS l WHERE l.cont_plan_cert_elct_l_id = k.cont_plan_cert_elct_l_id
)
ORDER BY k.cont_plan_cert_elct_l_id
ON CONFLICT (cont_plan_cert_elct_l_id) DO NOTHING;
