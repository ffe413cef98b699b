-- ag_prod_plan_cmpl_det_hs: hub satellite, ETL id 886
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.ag_prod_plan_cmpl_det_hs (
    ag_prod_plan_h_id varchar(32) NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    sfld_nbr varchar,
    fld_vst_meas_ind varchar,
    wkld_fst_qtr_ind varchar,
    wkld_se_qtr_ind varchar,
    wkld_thrd_qtr_ind varchar,
    wkld_frth_qtr_ind varchar,
    wkld_late_qtr_ind varchar,
    land_use_src_ind varchar,
    land_use_dter_ind varchar,
    crop_stat_cd varchar,
    crop_fld_dter_dt timestamp,
    ag_prod_plan_id bigint,
    cmpl_det_hist_id bigint NOT NULL,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (cmpl_det_hist_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.ag_prod_plan_cmpl_det_hs
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS sfld_nbr varchar,
    ADD COLUMN IF NOT EXISTS fld_vst_meas_ind varchar,
    ADD COLUMN IF NOT EXISTS wkld_fst_qtr_ind varchar,
    ADD COLUMN IF NOT EXISTS wkld_se_qtr_ind varchar,
    ADD COLUMN IF NOT EXISTS wkld_thrd_qtr_ind varchar,
    ADD COLUMN IF NOT EXISTS wkld_frth_qtr_ind varchar,
    ADD COLUMN IF NOT EXISTS wkld_late_qtr_ind varchar,
    ADD COLUMN IF NOT EXISTS land_use_src_ind varchar,
    ADD COLUMN IF NOT EXISTS land_use_dter_ind varchar,
    ADD COLUMN IF NOT EXISTS crop_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS crop_fld_dter_dt timestamp,
    ADD COLUMN IF NOT EXISTS ag_prod_plan_id bigint;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS ag_prod_plan_cmpl_det_hs_open
    ON edv.ag_prod_plan_cmpl_det_hs (cmpl_det_hist_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS ag_prod_plan_cmpl_det_hs_key
    ON edv.ag_prod_plan_cmpl_det_hs (ag_prod_plan_h_id);
