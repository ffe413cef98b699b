-- crop_acrg_rpt_bus_pty_ls: ends last versions that were deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.crop_acrg_rpt_bus_pty_ls AS v
SET
    data_eff_end_dt = t.deleted_eff_dt,
    load_end_dt = t.deleted_load_dt
FROM crop_acrg_rpt_bus_pty_ls_timeline AS t
WHERE t.deleted_eff_dt IS NOT NULL
  AND v.bus_pty_id = t.bus_pty_id
  AND v.load_dt = t.load_dt
  AND (v.data_eff_end_dt <> t.deleted_eff_dt OR v.load_end_dt <> t.deleted_load_dt);

DROP TABLE IF EXISTS pg_temp.crop_acrg_rpt_bus_pty_ls_change, pg_temp.crop_acrg_rpt_bus_pty_ls_timeline;
