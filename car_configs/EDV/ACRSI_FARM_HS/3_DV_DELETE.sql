-- acrsi_farm_hs: ends the last version of what was deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.acrsi_farm_hs AS v
SET
    data_eff_end_dt = t.last_eff_end_dt,
    load_end_dt = t.last_load_end_dt
FROM acrsi_farm_hs_timeline AS t
WHERE t.is_last
  AND (t.last_eff_end_dt <> t.data_eff_end_dt OR t.last_load_end_dt <> t.load_end_dt)
  AND v.acrsi_farm_id = t.acrsi_farm_id
  AND v.load_dt = t.load_dt;

DROP TABLE IF EXISTS pg_temp.acrsi_farm_hs_change, pg_temp.acrsi_farm_hs_timeline;
