-- acrsi_prdr_hs: hub satellite, ETL id 885
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.acrsi_prdr_hs (
    core_cust_id bigint NOT NULL,
    pgm_yr integer,
    acrsi_prdr_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_cre_user_nm varchar,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (acrsi_prdr_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.acrsi_prdr_hs
    ADD COLUMN IF NOT EXISTS pgm_yr integer,
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_cre_user_nm varchar,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS acrsi_prdr_hs_open
    ON edv.acrsi_prdr_hs (acrsi_prdr_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS acrsi_prdr_hs_key
    ON edv.acrsi_prdr_hs (core_cust_id);
