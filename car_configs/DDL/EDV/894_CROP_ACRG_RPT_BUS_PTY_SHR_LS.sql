-- crop_acrg_rpt_bus_pty_shr_ls: link satellite, ETL id 894
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.crop_acrg_rpt_bus_pty_shr_ls (
    crop_acrg_rpt_bus_pty_shr_l_id varchar(32) NOT NULL,
    bus_pty_shr_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    crop_shr_pct decimal(18,4),
    land_unit_rma_nbr integer,
    bus_pty_type_cd varchar,
    ag_prod_plan_id bigint,
    bus_pty_id bigint,
    tr_bus_pty_id bigint,
    tr_id bigint,
    hemp_lic_nbr integer,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (bus_pty_shr_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.crop_acrg_rpt_bus_pty_shr_ls
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS crop_shr_pct decimal(18,4),
    ADD COLUMN IF NOT EXISTS land_unit_rma_nbr integer,
    ADD COLUMN IF NOT EXISTS bus_pty_type_cd varchar,
    ADD COLUMN IF NOT EXISTS ag_prod_plan_id bigint,
    ADD COLUMN IF NOT EXISTS bus_pty_id bigint,
    ADD COLUMN IF NOT EXISTS tr_bus_pty_id bigint,
    ADD COLUMN IF NOT EXISTS tr_id bigint,
    ADD COLUMN IF NOT EXISTS hemp_lic_nbr integer;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS crop_acrg_rpt_bus_pty_shr_ls_open
    ON edv.crop_acrg_rpt_bus_pty_shr_ls (bus_pty_shr_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS crop_acrg_rpt_bus_pty_shr_ls_key
    ON edv.crop_acrg_rpt_bus_pty_shr_ls (crop_acrg_rpt_bus_pty_shr_l_id);
