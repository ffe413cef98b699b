-- fld_hs: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.fld_hs (
    fld_h_id,
    fld_id,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_cre_user_nm,
    src_last_chg_dt,
    src_last_chg_user_nm,
    data_iactv_dt,
    tr_id,
    fld_nbr,
    clu_id,
    clu_acrg,
    loc_st_fsa_cd,
    loc_cnty_fsa_cd,
    st_ansi_cd,
    cnty_ansi_cd,
    pgm_yr,
    cpld_ind,
    ntv_sod_cvsn_dt,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.fld_h_id,
    c.fld_id,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_cre_user_nm,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    c.data_iactv_dt,
    c.tr_id,
    c.fld_nbr,
    c.clu_id,
    c.clu_acrg,
    c.loc_st_fsa_cd,
    c.loc_cnty_fsa_cd,
    c.st_ansi_cd,
    c.cnty_ansi_cd,
    c.pgm_yr,
    c.cpld_ind,
    c.ntv_sod_cvsn_dt,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM fld_hs_timeline AS t
INNER JOIN fld_hs_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.fld_id, t.load_dt;
