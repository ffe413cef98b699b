-- core_cust_h: hub, ETL id 870
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE TABLE IF NOT EXISTS edv.core_cust_h (
    core_cust_id bigint NOT NULL,
    load_dt timestamp NOT NULL,
    data_src_nm varchar NOT NULL,
    durb_id bigint,
    PRIMARY KEY (core_cust_id)
);

ALTER TABLE edv.core_cust_h
    ADD COLUMN IF NOT EXISTS durb_id bigint;

CREATE UNIQUE INDEX IF NOT EXISTS core_cust_h_durb
    ON edv.core_cust_h (durb_id);
