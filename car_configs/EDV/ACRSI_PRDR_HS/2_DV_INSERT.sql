-- acrsi_prdr_hs: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.acrsi_prdr_hs (
    core_cust_id,
    pgm_yr,
    acrsi_prdr_id,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_cre_user_nm,
    src_last_chg_dt,
    src_last_chg_user_nm,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.core_cust_id,
    c.pgm_yr,
    c.acrsi_prdr_id,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_cre_user_nm,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM acrsi_prdr_hs_timeline AS t
INNER JOIN acrsi_prdr_hs_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.acrsi_prdr_id, t.load_dt;
