-- fld_hs: hub satellite, ETL id 889
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.fld_hs (
    fld_h_id varchar(32) NOT NULL,
    fld_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_cre_user_nm varchar,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    data_iactv_dt timestamp,
    tr_id bigint,
    fld_nbr varchar,
    clu_id bigint,
    clu_acrg decimal(18,4),
    loc_st_fsa_cd varchar,
    loc_cnty_fsa_cd varchar,
    st_ansi_cd varchar,
    cnty_ansi_cd varchar,
    pgm_yr integer,
    cpld_ind varchar,
    ntv_sod_cvsn_dt timestamp,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (fld_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.fld_hs
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_cre_user_nm varchar,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS data_iactv_dt timestamp,
    ADD COLUMN IF NOT EXISTS tr_id bigint,
    ADD COLUMN IF NOT EXISTS fld_nbr varchar,
    ADD COLUMN IF NOT EXISTS clu_id bigint,
    ADD COLUMN IF NOT EXISTS clu_acrg decimal(18,4),
    ADD COLUMN IF NOT EXISTS loc_st_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS loc_cnty_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS st_ansi_cd varchar,
    ADD COLUMN IF NOT EXISTS cnty_ansi_cd varchar,
    ADD COLUMN IF NOT EXISTS pgm_yr integer,
    ADD COLUMN IF NOT EXISTS cpld_ind varchar,
    ADD COLUMN IF NOT EXISTS ntv_sod_cvsn_dt timestamp;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS fld_hs_open
    ON edv.fld_hs (fld_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS fld_hs_key
    ON edv.fld_hs (fld_h_id);
