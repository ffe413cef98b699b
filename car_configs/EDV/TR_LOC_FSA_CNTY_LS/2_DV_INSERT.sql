-- tr_loc_fsa_cnty_ls: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.tr_loc_fsa_cnty_ls (
    tr_loc_fsa_cnty_l_id,
    tr_id,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_last_chg_dt,
    src_last_chg_user_nm,
    pgm_yr,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.tr_loc_fsa_cnty_l_id,
    c.tr_id,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    c.pgm_yr,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM tr_loc_fsa_cnty_ls_timeline AS t
INNER JOIN tr_loc_fsa_cnty_ls_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.tr_id, t.load_dt;
