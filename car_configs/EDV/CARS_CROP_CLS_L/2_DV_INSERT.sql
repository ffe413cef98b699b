-- cars_crop_cls_l: links shown by crop_type
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH keyed AS (
    SELECT DISTINCT ON (crop_acrg_rpt_crop_type_l_id)
        MD5(
            UPPER(COALESCE(TRIM(s.fsa_crop_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.fsa_crop_type_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.crop_intn_use_cd), '--'))
        ) AS crop_acrg_rpt_crop_type_l_id,
        s.fsa_crop_cd,
        s.fsa_crop_type_cd,
        s.crop_intn_use_cd AS intn_use_cd,
        s.data_src_nm
    FROM cars_stg.crop_type AS s
    WHERE s.cdc_oper_cd <> 'D'
    ORDER BY
        crop_acrg_rpt_crop_type_l_id, fsa_crop_cd, fsa_crop_type_cd, intn_use_cd, data_src_nm
)
INSERT INTO edv.cars_crop_cls_l (
    crop_acrg_rpt_crop_type_l_id,
    fsa_crop_cd,
    fsa_crop_type_cd,
    intn_use_cd,
    load_dt,
    data_src_nm
)
SELECT
    k.crop_acrg_rpt_crop_type_l_id,
    k.fsa_crop_cd,
    k.fsa_crop_type_cd,
    k.intn_use_cd,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm
FROM keyed AS k
WHERE NOT EXISTS (
    SELECT 1 FROM edv.cars_crop_cls_l AS l WHERE l.crop_acrg_rpt_crop_type_l_id = k.crop_acrg_rpt_crop_type_l_id
)
ORDER BY k.crop_acrg_rpt_crop_type_l_id
ON CONFLICT (crop_acrg_rpt_crop_type_l_id) DO NOTHING;
