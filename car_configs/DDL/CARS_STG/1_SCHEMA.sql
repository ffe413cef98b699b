-- cars_stg: staging, replaced as a whole by each run
-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.
CREATE SCHEMA IF NOT EXISTS cars_stg;
