-- cont_plan_cert_elct_l: link, ETL id 877
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.cont_plan_cert_elct_l (
    cont_plan_cert_elct_l_id varchar(32) NOT NULL,
    crop_acrg_rpt_h_id varchar(32),
    core_cust_id bigint,
    fsa_crop_cd varchar,
    fsa_crop_type_cd varchar,
    intn_use_cd varchar,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    PRIMARY KEY (cont_plan_cert_elct_l_id)
);

ALTER TABLE edv.cont_plan_cert_elct_l
    ADD COLUMN IF NOT EXISTS crop_acrg_rpt_h_id varchar(32),
    ADD COLUMN IF NOT EXISTS core_cust_id bigint,
    ADD COLUMN IF NOT EXISTS fsa_crop_cd varchar,
    ADD COLUMN IF NOT EXISTS fsa_crop_type_cd varchar,
    ADD COLUMN IF NOT EXISTS intn_use_cd varchar;
