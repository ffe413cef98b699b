-- crop_acrg_rpt_tr_bus_pty_ls: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.crop_acrg_rpt_tr_bus_pty_ls (
    crop_acrg_rpt_tr_bus_pty_l_id,
    tr_bus_pty_id,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_last_chg_dt,
    src_last_chg_user_nm,
    data_iactv_dt,
    bus_pty_type_cd,
    tr_id,
    bus_pty_id,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.crop_acrg_rpt_tr_bus_pty_l_id,
    c.tr_bus_pty_id,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    c.data_iactv_dt,
    c.bus_pty_type_cd,
    c.tr_id,
    c.bus_pty_id,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM crop_acrg_rpt_tr_bus_pty_ls_timeline AS t
INNER JOIN crop_acrg_rpt_tr_bus_pty_ls_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.tr_bus_pty_id, t.load_dt;
