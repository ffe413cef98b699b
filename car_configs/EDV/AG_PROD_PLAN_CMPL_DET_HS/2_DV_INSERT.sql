-- ag_prod_plan_cmpl_det_hs: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.ag_prod_plan_cmpl_det_hs (
    ag_prod_plan_h_id,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_last_chg_dt,
    src_last_chg_user_nm,
    sfld_nbr,
    fld_vst_meas_ind,
    wkld_fst_qtr_ind,
    wkld_se_qtr_ind,
    wkld_thrd_qtr_ind,
    wkld_frth_qtr_ind,
    wkld_late_qtr_ind,
    land_use_src_ind,
    land_use_dter_ind,
    crop_stat_cd,
    crop_fld_dter_dt,
    ag_prod_plan_id,
    cmpl_det_hist_id,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.ag_prod_plan_h_id,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    c.sfld_nbr,
    c.fld_vst_meas_ind,
    c.wkld_fst_qtr_ind,
    c.wkld_se_qtr_ind,
    c.wkld_thrd_qtr_ind,
    c.wkld_frth_qtr_ind,
    c.wkld_late_qtr_ind,
    c.land_use_src_ind,
    c.land_use_dter_ind,
    c.crop_stat_cd,
    c.crop_fld_dter_dt,
    c.ag_prod_plan_id,
    c.cmpl_det_hist_id,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM ag_prod_plan_cmpl_det_hs_timeline AS t
INNER JOIN ag_prod_plan_cmpl_det_hs_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.cmpl_det_hist_id, t.load_dt;
