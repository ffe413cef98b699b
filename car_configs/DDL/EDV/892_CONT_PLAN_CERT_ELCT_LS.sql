-- cont_plan_cert_elct_ls: link satellite, ETL id 892
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.cont_plan_cert_elct_ls (
    cont_plan_cert_elct_l_id varchar(32) NOT NULL,
    cont_plan_cert_elct_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_cre_user_nm varchar,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    data_iactv_dt timestamp,
    crop_type_id bigint,
    bus_pty_id bigint,
    elct_term_dt timestamp,
    elct_term_rsn_desc varchar,
    term_ltr_gnrt_ind varchar,
    elct_dt timestamp,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (cont_plan_cert_elct_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.cont_plan_cert_elct_ls
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_cre_user_nm varchar,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS data_iactv_dt timestamp,
    ADD COLUMN IF NOT EXISTS crop_type_id bigint,
    ADD COLUMN IF NOT EXISTS bus_pty_id bigint,
    ADD COLUMN IF NOT EXISTS elct_term_dt timestamp,
    ADD COLUMN IF NOT EXISTS elct_term_rsn_desc varchar,
    ADD COLUMN IF NOT EXISTS term_ltr_gnrt_ind varchar,
    ADD COLUMN IF NOT EXISTS elct_dt timestamp;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS cont_plan_cert_elct_ls_open
    ON edv.cont_plan_cert_elct_ls (cont_plan_cert_elct_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS cont_plan_cert_elct_ls_key
    ON edv.cont_plan_cert_elct_ls (cont_plan_cert_elct_l_id);
