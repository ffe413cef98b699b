-- cars_crop_cls_ls: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.cars_crop_cls_ls (
    crop_acrg_rpt_crop_type_l_id,
    pgm_yr,
    crop_type_id,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_last_chg_dt,
    src_last_chg_user_nm,
    data_iactv_dt,
    cars_crop_cls_cd,
    src_fsa_crop_type_cd,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.crop_acrg_rpt_crop_type_l_id,
    c.pgm_yr,
    c.crop_type_id,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    c.data_iactv_dt,
    c.cars_crop_cls_cd,
    c.src_fsa_crop_type_cd,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM cars_crop_cls_ls_timeline AS t
INNER JOIN cars_crop_cls_ls_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.crop_type_id, t.load_dt;
