-- fld_h: hub, ETL id 875
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.fld_h (
    fld_h_id varchar(32) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    st_fsa_cd varchar,
    cnty_fsa_cd varchar,
    farm_nbr varchar,
    tr_nbr integer,
    fld_nbr varchar,
    durb_id bigint,
    PRIMARY KEY (fld_h_id)
);

ALTER TABLE edv.fld_h
    ADD COLUMN IF NOT EXISTS st_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS cnty_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS farm_nbr varchar,
    ADD COLUMN IF NOT EXISTS tr_nbr integer,
    ADD COLUMN IF NOT EXISTS fld_nbr varchar,
    ADD COLUMN IF NOT EXISTS durb_id bigint;

CREATE UNIQUE INDEX IF NOT EXISTS fld_h_durb
    ON edv.fld_h (durb_id);
