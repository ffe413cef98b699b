-- ag_prod_plan_cmpl_det_hs: ends last versions that were deleted
-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.
UPDATE edv.ag_prod_plan_cmpl_det_hs AS v
SET
    data_eff_end_dt = t.deleted_eff_dt,
    load_end_dt = t.deleted_load_dt
FROM ag_prod_plan_cmpl_det_hs_timeline AS t
WHERE t.deleted_eff_dt IS NOT NULL
  AND v.cmpl_det_hist_id = t.cmpl_det_hist_id
  AND v.load_dt = t.load_dt
  AND (v.data_eff_end_dt <> t.deleted_eff_dt OR v.load_end_dt <> t.deleted_load_dt);

DROP TABLE IF EXISTS pg_temp.ag_prod_plan_cmpl_det_hs_change, pg_temp.ag_prod_plan_cmpl_det_hs_timeline;
