-- cont_plan_cert_elct_ls: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.cont_plan_cert_elct_ls (
    cont_plan_cert_elct_l_id,
    cont_plan_cert_elct_id,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_cre_user_nm,
    src_last_chg_dt,
    src_last_chg_user_nm,
    data_iactv_dt,
    crop_type_id,
    bus_pty_id,
    elct_term_dt,
    elct_term_rsn_desc,
    term_ltr_gnrt_ind,
    elct_dt,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.cont_plan_cert_elct_l_id,
    c.cont_plan_cert_elct_id,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_cre_user_nm,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    c.data_iactv_dt,
    c.crop_type_id,
    c.bus_pty_id,
    c.elct_term_dt,
    c.elct_term_rsn_desc,
    c.term_ltr_gnrt_ind,
    c.elct_dt,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM cont_plan_cert_elct_ls_timeline AS t
INNER JOIN cont_plan_cert_elct_ls_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.cont_plan_cert_elct_id, t.load_dt;
