-- crop_acrg_rpt_h: hub, ETL id 874
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.crop_acrg_rpt_h (
    crop_acrg_rpt_h_id varchar(32) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    pgm_yr integer,
    st_fsa_cd varchar,
    cnty_fsa_cd varchar,
    farm_nbr varchar,
    PRIMARY KEY (crop_acrg_rpt_h_id)
);

ALTER TABLE edv.crop_acrg_rpt_h
    ADD COLUMN IF NOT EXISTS pgm_yr integer,
    ADD COLUMN IF NOT EXISTS st_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS cnty_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS farm_nbr varchar;
