-- pgm_yr_crop_acrg_rpt_rs: ends last versions that were deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.pgm_yr_crop_acrg_rpt_rs AS v
SET
    data_eff_end_dt = t.deleted_eff_dt,
    load_end_dt = t.deleted_load_dt
FROM pgm_yr_crop_acrg_rpt_rs_timeline AS t
WHERE t.deleted_eff_dt IS NOT NULL
  AND v.pgm_yr = t.pgm_yr
  AND v.load_dt = t.load_dt
  AND (v.data_eff_end_dt <> t.deleted_eff_dt OR v.load_end_dt <> t.deleted_load_dt);

DROP TABLE IF EXISTS pg_temp.pgm_yr_crop_acrg_rpt_rs_change, pg_temp.pgm_yr_crop_acrg_rpt_rs_timeline;
