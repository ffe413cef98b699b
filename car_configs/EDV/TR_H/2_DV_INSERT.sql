-- tr_h: keys of every staging table that carries them
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH staged AS (
    SELECT s.st_fsa_cd, s.cnty_fsa_cd, s.tr_nbr, s.data_src_nm
    FROM cars_stg.tr AS s
    WHERE s.cdc_oper_cd <> 'D'
    UNION
    SELECT s.st_fsa_cd, s.cnty_fsa_cd, s.tr_nbr, s.data_src_nm
    FROM cars_stg.ag_prod_plan AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
      AND s.tr_nbr IS NOT NULL
    UNION
    SELECT s.st_fsa_cd, s.cnty_fsa_cd, s.tr_nbr, s.data_src_nm
    FROM cars_stg.bus_pty_shr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
      AND s.tr_nbr IS NOT NULL
    UNION
    SELECT s.st_fsa_cd, s.cnty_fsa_cd, s.tr_nbr, s.data_src_nm
    FROM cars_stg.field AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.st_fsa_cd IS NOT NULL
      AND s.cnty_fsa_cd IS NOT NULL
      AND s.tr_nbr IS NOT NULL
    UNION
    SELECT s.st_fsa_cd, s.cnty_fsa_cd, s.tr_nbr, s.data_src_nm
    FROM cars_stg.tr_bus_pty AS s
    WHERE s.cdc_oper_cd <> 'D'
),
keyed AS (
    SELECT DISTINCT ON (tr_h_id)
        MD5(
            UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || COALESCE(s.tr_nbr::varchar(32), '-1')
        ) AS tr_h_id,
        s.st_fsa_cd, s.cnty_fsa_cd, s.tr_nbr,
        s.data_src_nm
    FROM staged AS s
    ORDER BY tr_h_id, s.st_fsa_cd, s.cnty_fsa_cd, s.tr_nbr, s.data_src_nm
)
INSERT INTO edv.tr_h (
    tr_h_id,
    load_dt,
    data_src_nm,
    st_fsa_cd,
    cnty_fsa_cd,
    tr_nbr
)
SELECT
    k.tr_h_id,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm,
    k.st_fsa_cd,
    k.cnty_fsa_cd,
    k.tr_nbr
FROM keyed AS k
WHERE NOT EXISTS (SELECT 1 FROM edv.tr_h AS h WHERE h.tr_h_id = k.tr_h_id)
ORDER BY k.tr_h_id
ON CONFLICT (tr_h_id) DO NOTHING;
