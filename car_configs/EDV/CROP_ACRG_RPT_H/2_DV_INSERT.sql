-- crop_acrg_rpt_h: keys of every staging table that carries them
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH staged AS (
    SELECT s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
    FROM cars_stg.crop_acrg_rpt AS s
    WHERE s.cdc_oper_cd <> 'D'
    UNION
    SELECT s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
    FROM cars_stg.ag_prod_plan AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.pgm_yr IS NOT NULL
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
      AND s.farm_nbr IS NOT NULL
    UNION
    SELECT s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
    FROM cars_stg.bus_pty AS s
    WHERE s.cdc_oper_cd <> 'D'
    UNION
    SELECT s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
    FROM cars_stg.bus_pty_shr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.pgm_yr IS NOT NULL
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
      AND s.farm_nbr IS NOT NULL
    UNION
    SELECT s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
    FROM cars_stg.cont_plan_cert_elct AS s
    WHERE s.cdc_oper_cd <> 'D'
    UNION
    SELECT s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
    FROM cars_stg.field AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.pgm_yr IS NOT NULL
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
      AND s.farm_nbr IS NOT NULL
    UNION
    SELECT s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
    FROM cars_stg.tr AS s
    WHERE s.cdc_oper_cd <> 'D'
    UNION
    SELECT s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
    FROM cars_stg.tr_bus_pty AS s
    WHERE s.cdc_oper_cd <> 'D'
),
keyed AS (
    SELECT DISTINCT ON (crop_acrg_rpt_h_id)
        MD5(
            COALESCE(s.pgm_yr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.farm_nbr), '--'))
        ) AS crop_acrg_rpt_h_id,
        s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr,
        s.data_src_nm
    FROM staged AS s
    ORDER BY crop_acrg_rpt_h_id, s.pgm_yr, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.data_src_nm
)
INSERT INTO edv.crop_acrg_rpt_h (
    crop_acrg_rpt_h_id,
    load_dt,
    data_src_nm,
    pgm_yr,
    st_fsa_cd,
    cnty_fsa_cd,
    farm_nbr
)
SELECT
    k.crop_acrg_rpt_h_id,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm,
    k.pgm_yr,
    k.st_fsa_cd,
    k.cnty_fsa_cd,
    k.farm_nbr
FROM keyed AS k
WHERE NOT EXISTS (SELECT 1 FROM edv.crop_acrg_rpt_h AS h WHERE h.crop_acrg_rpt_h_id = k.crop_acrg_rpt_h_id)
ORDER BY k.crop_acrg_rpt_h_id
ON CONFLICT (crop_acrg_rpt_h_id) DO NOTHING;
