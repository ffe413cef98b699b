-- pgm_yr_crop_acrg_rpt_rs: ends the last version of what was deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.pgm_yr_crop_acrg_rpt_rs AS v
SET
    data_eff_end_dt = t.last_eff_end_dt,
    load_end_dt = t.last_load_end_dt
FROM pgm_yr_crop_acrg_rpt_rs_timeline AS t
WHERE t.is_last
  AND (t.last_eff_end_dt <> t.data_eff_end_dt OR t.last_load_end_dt <> t.load_end_dt)
  AND v.pgm_yr = t.pgm_yr
  AND v.load_dt = t.load_dt;

DROP TABLE IF EXISTS pg_temp.pgm_yr_crop_acrg_rpt_rs_change, pg_temp.pgm_yr_crop_acrg_rpt_rs_timeline;
