-- acrsi_prdr: staging table
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS cars_stg.acrsi_prdr (
    acrsi_prdr_id bigint,
    pgm_yr integer,
    core_cust_id bigint,
    cre_dt timestamp,
    cre_user_nm varchar,
    last_chg_dt timestamp,
    last_chg_user_nm varchar,
    data_stat_cd varchar,
    hash_diff varchar,
    cdc_oper_cd varchar(2) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    cdc_dt date NOT NULL,
    CHECK (cdc_oper_cd IN ('I', 'UN', 'D'))
);

ALTER TABLE cars_stg.acrsi_prdr
    ADD COLUMN IF NOT EXISTS acrsi_prdr_id bigint,
    ADD COLUMN IF NOT EXISTS pgm_yr integer,
    ADD COLUMN IF NOT EXISTS core_cust_id bigint,
    ADD COLUMN IF NOT EXISTS cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS cre_user_nm varchar,
    ADD COLUMN IF NOT EXISTS last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS hash_diff varchar;
