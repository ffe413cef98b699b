-- farm_h: hub, ETL id 871
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.farm_h (
    farm_h_id varchar(32) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    st_fsa_cd varchar,
    cnty_fsa_cd varchar,
    farm_nbr varchar,
    PRIMARY KEY (farm_h_id)
);

ALTER TABLE edv.farm_h
    ADD COLUMN IF NOT EXISTS st_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS cnty_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS farm_nbr varchar;
