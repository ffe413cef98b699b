-- ag_prod_plan_h: hub, ETL id 873
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.ag_prod_plan_h (
    ag_prod_plan_h_id varchar(32) NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    ag_prod_plan_id bigint,
    PRIMARY KEY (ag_prod_plan_h_id)
);

ALTER TABLE edv.ag_prod_plan_h
    ADD COLUMN IF NOT EXISTS ag_prod_plan_id bigint;
