-- acrsi_farm_hs: ends last versions that were deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.acrsi_farm_hs AS v
SET
    data_eff_end_dt = t.deleted_eff_dt,
    load_end_dt = t.deleted_load_dt
FROM acrsi_farm_hs_timeline AS t
WHERE t.deleted_eff_dt IS NOT NULL
  AND v.acrsi_farm_id = t.acrsi_farm_id
  AND v.load_dt = t.load_dt
  AND (v.data_eff_end_dt <> t.deleted_eff_dt OR v.load_end_dt <> t.deleted_load_dt);

DROP TABLE IF EXISTS pg_temp.acrsi_farm_hs_change, pg_temp.acrsi_farm_hs_timeline;
