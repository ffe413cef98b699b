-- tr_loc_fsa_cnty_l: links shown by tr
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
WITH keyed AS (
    SELECT DISTINCT ON (tr_loc_fsa_cnty_l_id)
        MD5(
            UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || COALESCE(s.tr_nbr::varchar(32), '-1')
            || '~~' || UPPER(COALESCE(TRIM(s.loc_st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.loc_cnty_fsa_cd), '--'))
        ) AS tr_loc_fsa_cnty_l_id,
        UPPER(TRIM(s.loc_st_fsa_cd)) AS loc_st_fsa_cd,
        UPPER(TRIM(s.loc_cnty_fsa_cd)) AS loc_cnty_fsa_cd,
        s.data_src_nm,
        MD5(
            UPPER(COALESCE(TRIM(s.st_fsa_cd), '--'))
            || '~~' || UPPER(COALESCE(TRIM(s.cnty_fsa_cd), '--'))
            || '~~' || COALESCE(s.tr_nbr::varchar(32), '-1')
        ) AS tr_h_id
    FROM cars_stg.tr AS s
    WHERE s.cdc_oper_cd <> 'D'
      AND s.loc_st_fsa_cd IS NOT NULL
      AND s.loc_cnty_fsa_cd IS NOT NULL
    ORDER BY
        tr_loc_fsa_cnty_l_id, loc_st_fsa_cd, loc_cnty_fsa_cd, data_src_nm, tr_h_id
)
INSERT INTO edv.tr_loc_fsa_cnty_l (
    tr_loc_fsa_cnty_l_id,
    loc_st_fsa_cd,
    loc_cnty_fsa_cd,
    load_dt,
    data_src_nm,
    tr_h_id
)
SELECT
    k.tr_loc_fsa_cnty_l_id,
    k.loc_st_fsa_cd,
    k.loc_cnty_fsa_cd,
    TIMESTAMP '{ETL_START_TIMESTAMP}',
    k.data_src_nm,
    k.tr_h_id
FROM keyed AS k
WHERE NOT EXISTS (
    SELECT 1 FROM edv.tr_loc_fsa_cnty_l AS l WHERE l.tr_loc_fsa_cnty_l_id = k.tr_loc_fsa_cnty_l_id
)
ORDER BY k.tr_loc_fsa_cnty_l_id
ON CONFLICT (tr_loc_fsa_cnty_l_id) DO NOTHING;
