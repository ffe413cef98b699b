-- tr_h: hub, ETL id 872
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.tr_h (
    tr_h_id varchar(32) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    st_fsa_cd varchar,
    cnty_fsa_cd varchar,
    tr_nbr integer,
    PRIMARY KEY (tr_h_id)
);

ALTER TABLE edv.tr_h
    ADD COLUMN IF NOT EXISTS st_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS cnty_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS tr_nbr integer;
