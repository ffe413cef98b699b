-- fld_h: keys of every staging table that carries them
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH staged AS (
    SELECT s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.tr_nbr, s.fld_nbr, s.data_src_nm
    FROM cars_stg.field AS s
    WHERE s.cdc_oper_cd <> 'D'
    UNION
    SELECT s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.tr_nbr, s.fld_nbr, s.data_src_nm
    FROM cars_stg.ag_prod_plan AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
      AND s.farm_nbr IS NOT NULL
      AND s.tr_nbr IS NOT NULL
      AND s.fld_nbr IS NOT NULL
    UNION
    SELECT s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.tr_nbr, s.fld_nbr, s.data_src_nm
    FROM cars_stg.bus_pty_shr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
      AND s.farm_nbr IS NOT NULL
      AND s.tr_nbr IS NOT NULL
      AND s.fld_nbr IS NOT NULL
),
keyed AS (
    SELECT DISTINCT ON (fld_h_id)
        MD5(
            UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.farm_nbr), '--'))
            || '~~' || COALESCE(s.tr_nbr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.fld_nbr), '--'))
        ) AS fld_h_id,
        s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.tr_nbr, s.fld_nbr,
        s.data_src_nm
    FROM staged AS s
    ORDER BY fld_h_id, s.st_fsa_cd, s.cnty_fsa_cd, s.farm_nbr, s.tr_nbr, s.fld_nbr, s.data_src_nm
)
INSERT INTO edv.fld_h (
    fld_h_id,
    load_dt,
    data_src_nm,
    st_fsa_cd,
    cnty_fsa_cd,
    farm_nbr,
    tr_nbr,
    fld_nbr,
    durb_id
)
SELECT
    k.fld_h_id,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm,
    k.st_fsa_cd,
    k.cnty_fsa_cd,
    k.farm_nbr,
    k.tr_nbr,
    k.fld_nbr,
    COALESCE((SELECT MAX(durb_id) FROM edv.fld_h), 0) + ROW_NUMBER() OVER (ORDER BY k.fld_h_id)
FROM keyed AS k
WHERE NOT EXISTS (SELECT 1 FROM edv.fld_h AS h WHERE h.fld_h_id = k.fld_h_id)
ORDER BY k.fld_h_id
ON CONFLICT (fld_h_id) DO NOTHING;
