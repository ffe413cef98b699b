-- crop_acrg_rpt_tr_l: link, ETL id 881
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.crop_acrg_rpt_tr_l (
    crop_acrg_rpt_tr_l_id varchar(32) NOT NULL,
    crop_acrg_rpt_h_id varchar(32),
    tr_h_id varchar(32),
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    PRIMARY KEY (crop_acrg_rpt_tr_l_id)
);

ALTER TABLE edv.crop_acrg_rpt_tr_l
    ADD COLUMN IF NOT EXISTS crop_acrg_rpt_h_id varchar(32),
    ADD COLUMN IF NOT EXISTS tr_h_id varchar(32);
