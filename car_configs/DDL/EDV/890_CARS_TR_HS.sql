-- cars_tr_hs: hub satellite, ETL id 890
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.cars_tr_hs (
    tr_h_id varchar(32) NOT NULL,
    tr_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    crop_acrg_rpt_id bigint,
    fmld_acrg decimal(18,4),
    cpld_acrg decimal(18,4),
    tr_desc varchar,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (tr_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.cars_tr_hs
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS crop_acrg_rpt_id bigint,
    ADD COLUMN IF NOT EXISTS fmld_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS cpld_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS tr_desc varchar;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS cars_tr_hs_open
    ON edv.cars_tr_hs (tr_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS cars_tr_hs_key
    ON edv.cars_tr_hs (tr_h_id);
