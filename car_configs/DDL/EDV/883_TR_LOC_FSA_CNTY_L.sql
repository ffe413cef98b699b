-- tr_loc_fsa_cnty_l: link, ETL id 883
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.tr_loc_fsa_cnty_l (
    tr_loc_fsa_cnty_l_id varchar(32) NOT NULL,
    loc_st_fsa_cd varchar,
    loc_cnty_fsa_cd varchar,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    tr_h_id varchar(32),
    PRIMARY KEY (tr_loc_fsa_cnty_l_id)
);

ALTER TABLE edv.tr_loc_fsa_cnty_l
    ADD COLUMN IF NOT EXISTS loc_st_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS loc_cnty_fsa_cd varchar,
    ADD COLUMN IF NOT EXISTS tr_h_id varchar(32);
