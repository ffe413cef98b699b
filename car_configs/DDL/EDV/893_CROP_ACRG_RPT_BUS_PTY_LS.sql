-- crop_acrg_rpt_bus_pty_ls: link satellite, ETL id 893
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.crop_acrg_rpt_bus_pty_ls (
    crop_acrg_rpt_bus_pty_l_id varchar(32) NOT NULL,
    bus_pty_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    crop_acrg_rpt_id bigint,
    bus_pty_type_cd varchar,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (bus_pty_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.crop_acrg_rpt_bus_pty_ls
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS crop_acrg_rpt_id bigint,
    ADD COLUMN IF NOT EXISTS bus_pty_type_cd varchar;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS crop_acrg_rpt_bus_pty_ls_open
    ON edv.crop_acrg_rpt_bus_pty_ls (bus_pty_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS crop_acrg_rpt_bus_pty_ls_key
    ON edv.crop_acrg_rpt_bus_pty_ls (crop_acrg_rpt_bus_pty_l_id);
