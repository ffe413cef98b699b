-- cars_tr_hs: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.cars_tr_hs (
    tr_h_id,
    tr_id,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_last_chg_dt,
    src_last_chg_user_nm,
    crop_acrg_rpt_id,
    fmld_acrg,
    cpld_acrg,
    tr_desc,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.tr_h_id,
    c.tr_id,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    c.crop_acrg_rpt_id,
    c.fmld_acrg,
    c.cpld_acrg,
    c.tr_desc,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM cars_tr_hs_timeline AS t
INNER JOIN cars_tr_hs_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.tr_id, t.load_dt;
