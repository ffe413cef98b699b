-- pgm_yr_crop_acrg_rpt_rs: reference satellite, ETL id 899
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.pgm_yr_crop_acrg_rpt_rs (
    pgm_yr integer NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    eff_prd_strt_dt timestamp,
    eff_prd_end_dt timestamp,
    dflt_pgm_yr_ind varchar,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (pgm_yr, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.pgm_yr_crop_acrg_rpt_rs
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS eff_prd_strt_dt timestamp,
    ADD COLUMN IF NOT EXISTS eff_prd_end_dt timestamp,
    ADD COLUMN IF NOT EXISTS dflt_pgm_yr_ind varchar;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS pgm_yr_crop_acrg_rpt_rs_open
    ON edv.pgm_yr_crop_acrg_rpt_rs (pgm_yr)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';
