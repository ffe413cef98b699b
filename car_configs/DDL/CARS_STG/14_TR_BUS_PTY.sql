-- tr_bus_pty: staging table
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS cars_stg.tr_bus_pty (
    tr_bus_pty_id bigint,
    tr_id bigint,
    bus_pty_id bigint,
    cre_dt timestamp,
    last_chg_dt timestamp,
    last_chg_user_nm varchar,
    data_stat_cd varchar,
    data_iactv_dt timestamp,
    bus_pty_type_cd varchar,
    pgm_yr integer,
    farm_nbr varchar,
    st_fsa_cd varchar,
    cnty_fsa_cd varchar,
    tr_nbr integer,
    core_cust_id bigint,
    hash_diff varchar,
    cdc_oper_cd varchar(2) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    cdc_dt date NOT NULL,
    CHECK (cdc_oper_cd IN ('I', 'UN', 'D'))
);

ALTER TABLE cars_stg.tr_bus_pty
    ADD COLUMN IF NOT EXISTS tr_bus_pty_id bigint,
    ADD COLUMN IF NOT EXISTS tr_id bigint,
    ADD COLUMN IF NOT EXISTS bus_pty_id bigint,
    ADD COLUMN IF NOT EXISTS cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS data_iactv_dt timestamp,
    ADD COLUMN IF NOT EXISTS bus_pty_type_cd varchar,
    ADD COLUMN IF NOT EXISTS pgm_yr integer,
    ADD COLUMN IF NOT EXISTS farm_nbr varchar,
    ADD COLUMN IF NOT EXISTS st_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS cnty_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS tr_nbr integer,
    ADD COLUMN IF NOT EXISTS core_cust_id bigint,
    ADD COLUMN IF NOT EXISTS hash_diff varchar;
