-- crop_acrg_rpt_hs: hub satellite, ETL id 888
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.crop_acrg_rpt_hs (
    crop_acrg_rpt_h_id varchar(32) NOT NULL,
    crop_acrg_rpt_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    data_iactv_dt timestamp,
    rpt_dt timestamp,
    doc_cert_stat_cd varchar,
    rqr_plnt_stat_cplt_ind varchar,
    rqr_plnt_stat_cplt_dt timestamp,
    acrg_rpt_cntnt_exst_ind decimal(18,4),
    cpld_tot_acrg decimal(18,4),
    cpld_tot_cert_acrg decimal(18,4),
    acrg_rpt_last_mod_dt timestamp,
    fmld_tot_acrg decimal(18,4),
    dcp_tot_acrg decimal(18,4),
    last_ovrrd_chg_dt timestamp,
    last_ovrrd_chg_user_nm varchar,
    bat_proc_cd varchar,
    file_farm_seq_nbr integer,
    fsa_578_orgn_id bigint,
    fsa_578_rvsn_id bigint,
    tot_base_acrg decimal(18,4),
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (crop_acrg_rpt_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.crop_acrg_rpt_hs
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS data_iactv_dt timestamp,
    ADD COLUMN IF NOT EXISTS rpt_dt timestamp,
    ADD COLUMN IF NOT EXISTS doc_cert_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS rqr_plnt_stat_cplt_ind varchar,
    ADD COLUMN IF NOT EXISTS rqr_plnt_stat_cplt_dt timestamp,
    ADD COLUMN IF NOT EXISTS acrg_rpt_cntnt_exst_ind decimal(18,4),
    ADD COLUMN IF NOT EXISTS cpld_tot_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS cpld_tot_cert_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS acrg_rpt_last_mod_dt timestamp,
    ADD COLUMN IF NOT EXISTS fmld_tot_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS dcp_tot_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS last_ovrrd_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS last_ovrrd_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS bat_proc_cd varchar,
    ADD COLUMN IF NOT EXISTS file_farm_seq_nbr integer,
    ADD COLUMN IF NOT EXISTS fsa_578_orgn_id bigint,
    ADD COLUMN IF NOT EXISTS fsa_578_rvsn_id bigint,
    ADD COLUMN IF NOT EXISTS tot_base_acrg decimal(18,4);

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS crop_acrg_rpt_hs_open
    ON edv.crop_acrg_rpt_hs (crop_acrg_rpt_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS crop_acrg_rpt_hs_key
    ON edv.crop_acrg_rpt_hs (crop_acrg_rpt_h_id);
