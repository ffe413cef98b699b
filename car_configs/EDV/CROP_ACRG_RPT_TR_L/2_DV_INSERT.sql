-- crop_acrg_rpt_tr_l: links shown by tr
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH keyed AS (
    SELECT DISTINCT ON (crop_acrg_rpt_tr_l_id)
        MD5(
            COALESCE(s.pgm_yr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.farm_nbr), '--'))
            || '~~' || COALESCE(s.tr_nbr::varchar(32), '-1')
        ) AS crop_acrg_rpt_tr_l_id,
        MD5(
            COALESCE(s.pgm_yr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.farm_nbr), '--'))
        ) AS crop_acrg_rpt_h_id,
        MD5(
            UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || COALESCE(s.tr_nbr::varchar(32), '-1')
        ) AS tr_h_id,
        s.data_src_nm
    FROM cars_stg.tr AS s
    WHERE s.cdc_oper_cd <> 'D'
    ORDER BY
        crop_acrg_rpt_tr_l_id, crop_acrg_rpt_h_id, tr_h_id, data_src_nm
)
INSERT INTO edv.crop_acrg_rpt_tr_l (
    crop_acrg_rpt_tr_l_id,
    crop_acrg_rpt_h_id,
    tr_h_id,
    load_dt,
    data_src_nm
)
SELECT
    k.crop_acrg_rpt_tr_l_id,
    k.crop_acrg_rpt_h_id,
    k.tr_h_id,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm
FROM keyed AS k
WHERE NOT EXISTS (
    SELECT 1 FROM edv.crop_acrg_rpt_tr_l AS l WHERE l.crop_acrg_rpt_tr_l_id = k.crop_acrg_rpt_tr_l_id
)
ORDER BY k.crop_acrg_rpt_tr_l_id
ON CONFLICT (crop_acrg_rpt_tr_l_id) DO NOTHING;
