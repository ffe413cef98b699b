-- crop_acrg_rpt_tr_ls: ends the last version of what was deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.crop_acrg_rpt_tr_ls AS v
SET
    data_eff_end_dt = t.last_eff_end_dt,
    load_end_dt = t.last_load_end_dt
FROM crop_acrg_rpt_tr_ls_timeline AS t
WHERE t.is_last
  AND (t.last_eff_end_dt <> t.data_eff_end_dt OR t.last_load_end_dt <> t.load_end_dt)
  AND v.tr_id = t.tr_id
  AND v.load_dt = t.load_dt;

DROP TABLE IF EXISTS pg_temp.crop_acrg_rpt_tr_ls_change, pg_temp.crop_acrg_rpt_tr_ls_timeline;
