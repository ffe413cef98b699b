-- cars_crop_cls_l: link, ETL id 876
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.cars_crop_cls_l (
    crop_acrg_rpt_crop_type_l_id varchar(32) NOT NULL,
    fsa_crop_cd varchar,
    fsa_crop_type_cd varchar,
    intn_use_cd varchar,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    PRIMARY KEY (crop_acrg_rpt_crop_type_l_id)
);

ALTER TABLE edv.cars_crop_cls_l
    ADD COLUMN IF NOT EXISTS fsa_crop_cd varchar,
    ADD COLUMN IF NOT EXISTS fsa_crop_type_cd varchar,
    ADD COLUMN IF NOT EXISTS intn_use_cd varchar;
