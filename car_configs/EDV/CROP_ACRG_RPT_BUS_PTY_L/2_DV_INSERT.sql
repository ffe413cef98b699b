-- crop_acrg_rpt_bus_pty_l: links shown by bus_pty
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH keyed AS (
    SELECT DISTINCT ON (crop_acrg_rpt_bus_pty_l_id)
        MD5(
            COALESCE(s.pgm_yr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.farm_nbr), '--'))
            || '~~' || COALESCE(s.core_cust_id::varchar(32), '-1')
        ) AS crop_acrg_rpt_bus_pty_l_id,
        MD5(
            COALESCE(s.pgm_yr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.farm_nbr), '--'))
        ) AS crop_acrg_rpt_h_id,
        s.core_cust_id,
        s.data_src_nm
    FROM cars_stg.bus_pty AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.core_cust_id IS NOT NULL
    ORDER BY
        crop_acrg_rpt_bus_pty_l_id, crop_acrg_rpt_h_id, core_cust_id, data_src_nm
)
INSERT INTO edv.crop_acrg_rpt_bus_pty_l (
    crop_acrg_rpt_bus_pty_l_id,
    crop_acrg_rpt_h_id,
    core_cust_id,
    load_dt,
    data_src_nm
)
SELECT
    k.crop_acrg_rpt_bus_pty_l_id,
    k.crop_acrg_rpt_h_id,
    k.core_cust_id,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm
FROM keyed AS k
WHERE NOT EXISTS (
    SELECT 1 FROM edv.crop_acrg_rpt_bus_pty_l AS l WHERE l.crop_acrg_rpt_bus_pty_l_id = k.crop_acrg_rpt_bus_pty_l_id
)
ORDER BY k.crop_acrg_rpt_bus_pty_l_id
ON CONFLICT (crop_acrg_rpt_bus_pty_l_id) DO NOTHING;
