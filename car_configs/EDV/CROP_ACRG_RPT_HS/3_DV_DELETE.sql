-- crop_acrg_rpt_hs: ends last versions that were deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.crop_acrg_rpt_hs AS v
SET
    data_eff_end_dt = t.deleted_eff_dt,
    load_end_dt = t.deleted_load_dt
FROM crop_acrg_rpt_hs_timeline AS t
WHERE t.deleted_eff_dt IS NOT NULL
  AND v.crop_acrg_rpt_id = t.crop_acrg_rpt_id
  AND v.load_dt = t.load_dt
  AND (v.data_eff_end_dt <> t.deleted_eff_dt OR v.load_end_dt <> t.deleted_load_dt);

DROP TABLE IF EXISTS pg_temp.crop_acrg_rpt_hs_change, pg_temp.crop_acrg_rpt_hs_timeline;
