-- cars_tr_hs: ends the last version of what was deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.cars_tr_hs AS v
SET
    data_eff_end_dt = t.last_eff_end_dt,
    load_end_dt = t.last_load_end_dt
FROM cars_tr_hs_timeline AS t
WHERE t.is_last
  AND (t.last_eff_end_dt <> t.data_eff_end_dt OR t.last_load_end_dt <> t.load_end_dt)
  AND v.tr_id = t.tr_id
  AND v.load_dt = t.load_dt;

DROP TABLE IF EXISTS pg_temp.cars_tr_hs_change, pg_temp.cars_tr_hs_timeline;
