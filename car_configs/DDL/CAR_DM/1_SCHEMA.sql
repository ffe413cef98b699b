-- car_dm_stg: marts are built here
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE SCHEMA IF NOT EXISTS car_dm_stg;
