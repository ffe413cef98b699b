-- pgm_yr: staging table
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS cars_stg.pgm_yr (
    pgm_yr integer,
    eff_prd_strt_dt timestamp,
    eff_prd_end_dt timestamp,
    cre_dt timestamp,
    last_chg_dt timestamp,
    last_chg_user_nm varchar,
    data_stat_cd varchar,
    dflt_pgm_yr_ind varchar,
    hash_diff varchar,
    cdc_oper_cd varchar(2) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    cdc_dt date NOT NULL,
    CHECK (cdc_oper_cd IN ('I', 'UN', 'D'))
);

ALTER TABLE cars_stg.pgm_yr
    ADD COLUMN IF NOT EXISTS pgm_yr integer,
    ADD COLUMN IF NOT EXISTS eff_prd_strt_dt timestamp,
    ADD COLUMN IF NOT EXISTS eff_prd_end_dt timestamp,
    ADD COLUMN IF NOT EXISTS cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS dflt_pgm_yr_ind varchar,
    ADD COLUMN IF NOT EXISTS hash_diff varchar;
