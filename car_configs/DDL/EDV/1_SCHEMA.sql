-- edv: the vault
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
CREATE SCHEMA IF NOT EXISTS edv;
