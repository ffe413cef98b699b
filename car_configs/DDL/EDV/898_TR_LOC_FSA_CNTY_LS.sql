-- tr_loc_fsa_cnty_ls: link satellite, ETL id 898
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.tr_loc_fsa_cnty_ls (
    tr_loc_fsa_cnty_l_id varchar(32) NOT NULL,
    tr_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    pgm_yr integer,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (tr_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.tr_loc_fsa_cnty_ls
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS pgm_yr integer;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS tr_loc_fsa_cnty_ls_open
    ON edv.tr_loc_fsa_cnty_ls (tr_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS tr_loc_fsa_cnty_ls_key
    ON edv.tr_loc_fsa_cnty_ls (tr_loc_fsa_cnty_l_id);
