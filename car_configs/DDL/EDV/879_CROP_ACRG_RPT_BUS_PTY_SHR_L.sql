-- crop_acrg_rpt_bus_pty_shr_l: link, ETL id 879
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.crop_acrg_rpt_bus_pty_shr_l (
    crop_acrg_rpt_bus_pty_shr_l_id varchar(32) NOT NULL,
    ag_prod_plan_h_id varchar(32),
    core_cust_id bigint,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    PRIMARY KEY (crop_acrg_rpt_bus_pty_shr_l_id)
);

ALTER TABLE edv.crop_acrg_rpt_bus_pty_shr_l
    ADD COLUMN IF NOT EXISTS ag_prod_plan_h_id varchar(32),
    ADD COLUMN IF NOT EXISTS core_cust_id bigint;
