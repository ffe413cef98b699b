-- cars_crop_cls_ls: link satellite, ETL id 891
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.cars_crop_cls_ls (
    crop_acrg_rpt_crop_type_l_id varchar(32) NOT NULL,
    pgm_yr integer,
    crop_type_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_eff_strt_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    data_stat_cd varchar,
    src_cre_dt timestamp,
    src_last_chg_dt timestamp,
    src_last_chg_user_nm varchar,
    data_iactv_dt timestamp,
    cars_crop_cls_cd varchar,
    src_fsa_crop_type_cd varchar,
    data_eff_end_dt timestamp NOT NULL,
    load_end_dt timestamp NOT NULL,
    hash_dif varchar(32) NOT NULL,
    PRIMARY KEY (crop_type_id, load_dt) DEFERRABLE INITIALLY IMMEDIATE
);

ALTER TABLE edv.cars_crop_cls_ls
    ADD COLUMN IF NOT EXISTS pgm_yr integer,
    ADD COLUMN IF NOT EXISTS data_stat_cd varchar,
    ADD COLUMN IF NOT EXISTS src_cre_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_dt timestamp,
    ADD COLUMN IF NOT EXISTS src_last_chg_user_nm varchar,
    ADD COLUMN IF NOT EXISTS data_iactv_dt timestamp,
    ADD COLUMN IF NOT EXISTS cars_crop_cls_cd varchar,
    ADD COLUMN IF NOT EXISTS src_fsa_crop_type_cd varchar;

-- at most one open row per entity
CREATE UNIQUE INDEX IF NOT EXISTS cars_crop_cls_ls_open
    ON edv.cars_crop_cls_ls (crop_type_id)
    WHERE load_end_dt = TIMESTAMP '9999-12-31';

CREATE INDEX IF NOT EXISTS cars_crop_cls_ls_key
    ON edv.cars_crop_cls_ls (crop_acrg_rpt_crop_type_l_id);
