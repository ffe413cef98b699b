-- fsa_cnty_rh: reference hub, ETL id 900
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.fsa_cnty_rh (
    st_fsa_cd varchar NOT NULL,
    cnty_fsa_cd varchar NOT NULL,
    data_src_nm varchar NOT NULL,
    load_dt timestamp NOT NULL,
    PRIMARY KEY (st_fsa_cd, cnty_fsa_cd)
);
