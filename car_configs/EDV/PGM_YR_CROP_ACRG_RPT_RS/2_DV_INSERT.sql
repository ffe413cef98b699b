-- pgm_yr_crop_acrg_rpt_rs: adds the new versions of the time line
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
-- in order of the primary key, so that a large load stays on the pages of its indexes
INSERT INTO edv.pgm_yr_crop_acrg_rpt_rs (
    pgm_yr,
    load_dt,
    data_eff_strt_dt,
    data_src_nm,
    data_stat_cd,
    src_cre_dt,
    src_last_chg_dt,
    src_last_chg_user_nm,
    eff_prd_strt_dt,
    eff_prd_end_dt,
    dflt_pgm_yr_ind,
    data_eff_end_dt,
    load_end_dt,
    hash_dif
)
SELECT
    c.pgm_yr,
    t.load_dt,
    t.data_eff_strt_dt,
    c.data_src_nm,
    c.data_stat_cd,
    c.src_cre_dt,
    c.src_last_chg_dt,
    c.src_last_chg_user_nm,
    c.eff_prd_strt_dt,
    c.eff_prd_end_dt,
    c.dflt_pgm_yr_ind,
    t.data_eff_end_dt,
    t.load_end_dt,
    c.hash_dif
FROM pgm_yr_crop_acrg_rpt_rs_timeline AS t
INNER JOIN pgm_yr_crop_acrg_rpt_rs_change AS c
    ON c.change_nbr = t.change_nbr
WHERE t.is_new
ORDER BY t.pgm_yr, t.load_dt;
