-- cars_tr_hs: ends last versions that were deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.cars_tr_hs AS v
SET
    data_eff_end_dt = t.deleted_eff_dt,
    load_end_dt = t.deleted_load_dt
FROM cars_tr_hs_timeline AS t
WHERE t.deleted_eff_dt IS NOT NULL
  AND v.tr_id = t.tr_id
  AND v.load_dt = t.load_dt
  AND (v.data_eff_end_dt <> t.deleted_eff_dt OR v.load_end_dt <> t.deleted_load_dt);

DROP TABLE IF EXISTS pg_temp.cars_tr_hs_change, pg_temp.cars_tr_hs_timeline;
