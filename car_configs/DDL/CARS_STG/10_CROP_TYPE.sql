-- crop_type: staging table
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS cars_stg.crop_type (
    crop_type_id bigint,
    fsa_crop_cd varchar,
    fsa_crop_type_cd varchar,
    pgm_yr integer,
    cars_crop_cls_cd varchar,
    cre_dt timestamp,
    last_chg_dt timestamp,
    last_chg_user_nm varchar,
    data_stat_cd varchar,
    crop_intn_use_cd varchar,
    data_iactv_dt timestamp,
    hash_diff varchar,
    cdc_oper_cd varchar(2) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    cdc_dt date NOT NULL,
    CHECK (cdc_oper_cd IN ('I', 'UN', 'D'))
);

ALTER TABLE cars_stg.crop_type
    ADD COLUMN IF NOT EXISTS crop_type_id bigint,
    ADD COLUMN IF NOT EXISTS fsa_crop_cd varchar,
    ADD COLUMN IF NOT EXISTS fsa_crop_type_cd varchar,
    ADD COLUMN IF NOT EXISTS pgm_yr integer,
    ADD COLUMN IF NOT EXISTS cars_crop_cls_cd varchar,
    ADD COLUMN IF NOT EXISTS cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS crop_intn_use_cd varchar,
    ADD COLUMN IF NOT EXISTS data_iactv_dt timestamp,
    ADD COLUMN IF NOT EXISTS hash_diff varchar;
