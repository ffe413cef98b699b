-- crop_acrg_rpt_tr_ls: link satellite, ETL id 896
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.crop_acrg_rpt_tr_ls (
    crop_acrg_rpt_tr_l_id varchar(32) NOT NULL,
    tr_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    fmld_acrg decimal(18,4),
    cpld_acrg decimal(18,4),
    tr_desc varchar,
    crop_acrg_rpt_id bigint,
    loc_st_fsa_cd varchar,
    loc_cnty_fsa_cd varchar,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (tr_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.crop_acrg_rpt_tr_ls
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS fmld_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS cpld_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS tr_desc varchar,
    ADD COLUMN IF NOT EXISTS crop_acrg_rpt_id bigint,
    ADD COLUMN IF NOT EXISTS loc_st_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS loc_cnty_fsa_cd varchar;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS crop_acrg_rpt_tr_ls_open
    ON edv.crop_acrg_rpt_tr_ls (tr_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS crop_acrg_rpt_tr_ls_key
    ON edv.crop_acrg_rpt_tr_ls (crop_acrg_rpt_tr_l_id);
