-- fsa_cnty_rh: keys of every staging table that carries them
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH staged AS (
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.tr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.loc_st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.loc_cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.tr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.loc_st_fsa_cd IS NOT NULL
      AND s.loc_cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.acrsi_farm AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.ag_prod_plan AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.bus_pty AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.bus_pty_shr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.cont_plan_cert_elct AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.crop_acrg_rpt AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.field AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.loc_st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.loc_cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.field AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.loc_st_fsa_cd IS NOT NULL
      AND s.loc_cnty_fsa_cd IS NOT NULL
    UNION
    SELECT UPPER(TRIM(s.st_fsa_cd)) AS st_fsa_cd, UPPER(TRIM(s.cnty_fsa_cd)) AS cnty_fsa_cd, s.data_src_nm
    FROM cars_stg.tr_bus_pty AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
),
keyed AS (
    SELECT DISTINCT ON (st_fsa_cd, cnty_fsa_cd) s.st_fsa_cd, s.cnty_fsa_cd, s.data_src_nm
    FROM staged AS s
    ORDER BY st_fsa_cd, cnty_fsa_cd, s.data_src_nm
)
INSERT INTO edv.fsa_cnty_rh (
    st_fsa_cd,
    cnty_fsa_cd,
    data_src_nm,
    load_dt
)
SELECT
    k.st_fsa_cd,
    k.cnty_fsa_cd,
    k.data_src_nm,
    TIMESTAMP '{ETL_START_TIMESTAMP}'
FROM keyed AS k
WHERE NOT EXISTS (SELECT 1 FROM edv.fsa_cnty_rh AS h WHERE h.st_fsa_cd = k.st_fsa_cd AND h.cnty_fsa_cd = k.cnty_fsa_cd)
ORDER BY k.st_fsa_cd, k.cnty_fsa_cd
ON CONFLICT (st_fsa_cd, cnty_fsa_cd) DO NOTHING;
