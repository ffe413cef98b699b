from pathlib import Path

import pytest

from cars_acceptance.main_job import vault_model
from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.vault_model import Reference, Satellite

from .manifests import listed


def test_satellites_are_found_with_the_source_table_they_describe(tree: Path) -> None:
    model = vault_model.read(tree)
    assert sorted(model.tables) == sorted(name.lower() for name in listed(tree, "dv_tables.csv"))
    assert sorted(model.staging) == sorted(name.lower() for name in listed(tree, "stg_tables.csv"))
    satellites = {item.name for item in model.satellites}
    assert satellites == {name for name in model.tables if name.endswith(("_hs", "_ls", "_rs"))}
    assert Satellite("ag_prod_plan_hs", "ag_prod_plan_id", "agricultural_production_plan") in model.satellites
    assert Satellite("pgm_yr_crop_acrg_rpt_rs", "pgm_yr", "program_year") in model.satellites


def test_every_link_and_satellite_refers_to_its_parents(tree: Path) -> None:
    references = set(vault_model.read(tree).references)
    assert Reference("crop_acrg_rpt_tr_l", ("tr_h_id",), "tr_h", ("tr_h_id",)) in references
    assert Reference("acrsi_prdr_hs", ("core_cust_id",), "core_cust_h", ("core_cust_id",)) in references
    assert (
        Reference(
            "tr_loc_fsa_cnty_l",
            ("loc_st_fsa_cd", "loc_cnty_fsa_cd"),
            "fsa_cnty_rh",
            ("st_fsa_cd", "cnty_fsa_cd"),
        )
        in references
    )
    children = {reference.table for reference in references}
    model = vault_model.read(tree)
    without = {name for name in model.tables if not name.endswith("h")} - children
    assert without == {"cars_crop_cls_l", "pgm_yr_crop_acrg_rpt_rs"}  # their hubs belong to other sources


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(MainJobError, match=r"cannot read the vault's model .*staging\.yaml: No such file"):
        vault_model.read(tmp_path)
