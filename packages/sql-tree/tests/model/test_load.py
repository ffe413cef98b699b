# ruff: noqa: E501 - one case is one line
"""The model: it carries every fact of the CARS model, and says everything that is wrong with it at once."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from sql_tree.model.lineage import hub_feeds, staging_columns
from sql_tree.model.load import load_model
from sql_tree.model.tables import Model, ModelError

ACRES = {"crop_field_reported_quantity", "crop_field_determined_quantity", "original_reported_acreage"}


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    """The CARS model as its owners describe it: sources, staging and vault in one file outside the repository."""
    path = os.environ.get("CARS_MODEL_FACTS")
    if path is None:
        pytest.skip("set CARS_MODEL_FACTS to the file with the facts of the CARS model to compare with it")
    found: dict[str, Any] = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    return found


def test_sources_are_the_facts(model: Model, facts: dict[str, Any]) -> None:
    wanted = {
        table: {
            column: "decimal(19,5)" if column in ACRES else type_name
            for column, type_name in entry["columns"].items()
        }
        for table, entry in facts["sources"].items()
    }
    assert {name: dict(source.columns) for name, source in model.sources.items()} == wanted


def test_staging_is_the_facts(model: Model, facts: dict[str, Any]) -> None:
    """But for load_dt, which is the run's and not the clock's, and tr.cdc_dt, which is the tract's own date."""
    assert len(model.staging) == 13
    for name, entry in facts["staging"].items():
        table = model.staging[name]
        assert entry["driving_table"] == f"cars-cdc.{table.source}"
        assert sorted(f"cars.{parent}" for parent in table.parents) == sorted(entry.get("joins", []))
        given = {
            column["to"]: column["from"][0]
            for column in entry["columns"]
            if column["to"] not in model.staging_technical
        }
        ours = {
            column: reference.column
            if reference.table == table.source
            else f"{reference.table}.{reference.column}"
            for column, reference in table.columns.items()
        }
        assert ours == given, name
        assert set(staging_columns(model, name)) == {column["to"] for column in entry["columns"]}
        cast = {column["to"] for column in entry["columns"] if column.get("cast") == "timestamp"}
        types = staging_columns(model, name)
        assert {column for column in ours if types[column] == "timestamp"} == cast


def test_vault_is_the_facts(model: Model, facts: dict[str, Any]) -> None:
    assert len(model.vault) == 29
    for name, entry in facts["vault"].items():
        table = model.vault[name]
        keys = {
            key.removeprefix("hash_key "): value
            for key, value in entry.items()
            if key.startswith("hash_key ")
        }
        assert {key: list(columns) for key, columns in table.keys.items()} == keys
        assert (table.kind, table.etl_id) == (entry["kind"], entry["id"])
        assert list(table.columns) == entry["columns"]
        assert list(table.staging) == entry["staging"]
        assert list(table.requires) == entry.get("requires", [])
        assert list(table.requires_outside) == entry.get("requires_outside_this_source", [])
        assert list(table.also_reads) == entry.get("also_reads", [])


def test_a_hub_is_fed_by_every_staging_table_that_carries_its_key(model: Model) -> None:
    feeds = {
        name: {feed.staging for feed in hub_feeds(model, model.vault[name])}
        for name in ("ag_prod_plan_h", "core_cust_h", "crop_acrg_rpt_h", "tr_h", "fld_h")
    }
    assert feeds == {
        "ag_prod_plan_h": {"ag_prod_plan", "bus_pty_shr", "cmpl_det_hist"},
        "core_cust_h": {"acrsi_prdr", "bus_pty", "bus_pty_shr", "cont_plan_cert_elct", "tr_bus_pty"},
        "crop_acrg_rpt_h": {
            "ag_prod_plan", "bus_pty", "bus_pty_shr", "cont_plan_cert_elct", "crop_acrg_rpt", "field", "tr", "tr_bus_pty",
        },
        "tr_h": {"ag_prod_plan", "bus_pty_shr", "field", "tr", "tr_bus_pty"},
        "fld_h": {"ag_prod_plan", "bus_pty_shr", "field"},
    }  # fmt: skip
    counties = {(feed.staging, feed.columns) for feed in hub_feeds(model, model.vault["fsa_cnty_rh"])}
    assert ("tr", ("loc_st_fsa_cd", "loc_cnty_fsa_cd")) in counties
    assert ("acrsi_farm", ("st_fsa_cd", "cnty_fsa_cd")) in counties


@pytest.fixture
def folder(tmp_path: Path, tree_root: Path) -> Path:
    return Path(shutil.copytree(tree_root / "metadata/model", tmp_path / "model"))


def changed(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_problem_of_the_model_is_named(folder: Path) -> None:
    changed(folder, "staging.yaml", "farm_nbr: farm_number", "farm_nbr: farm_nmbr")
    changed(folder, "vault.yaml", "id: 873", "id: 870")
    changed(folder, "vault.yaml", "requires: [farm_h]", "requires: [farms_h]")
    changed(folder, "vault.yaml", "wkld_fst_qtr_ind", "wkld_first_ind")
    with pytest.raises(ModelError) as raised:
        load_model(folder)
    assert str(raised.value) == (
        f"{folder}: 4 problems: staging acrsi_farm.farm_nbr: acrsi_farm has no column farm_nmbr;"
        " vault core_cust_h: id 870 is already the id of ag_prod_plan_h;"
        " vault acrsi_farm_hs: farms_h is not a table of the vault;"
        " vault ag_prod_plan_cmpl_det_hs: staging cmpl_det_hist has no column wkld_first_ind"
    )


def test_a_parent_must_be_joined_before_it_is_used(folder: Path) -> None:
    changed(folder, "staging.yaml", "      tract: [tract_identifier]\n", "")
    with pytest.raises(
        ModelError,
        match="tract is neither the source nor a parent joined before",
    ):
        load_model(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "vault.yaml").unlink()
    with pytest.raises(
        ModelError, match=r"vault\.yaml is missing; the model is sources\.yaml, staging\.yaml"
    ):
        load_model(folder)


def test_broken_yaml_is_named_with_its_line(folder: Path) -> None:
    (folder / "sources.yaml").write_text("tables:\n  a: [1\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"sources\.yaml is not YAML: .*line 3"):
        load_model(folder)


def test_every_field_of_another_shape_is_named(folder: Path) -> None:
    changed(folder, "vault.yaml", "id: 873", "id: abc")
    changed(folder, "vault.yaml", "staging: [crop_acrg_rpt]", "staging: crop_acrg_rpt")
    changed(folder, "staging.yaml", "    source: acrsi_farm\n", "    where: x\n")
    with pytest.raises(ModelError) as raised:
        load_model(folder)
    assert str(raised.value) == (
        f"{folder}: staging.yaml acrsi_farm has no source;"
        " vault.yaml ag_prod_plan_h: id must be a whole number, got 'abc';"
        " vault.yaml crop_acrg_rpt_h: staging must be a list, got 'crop_acrg_rpt'"
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("sources.yaml", "key: acrsi_farm_identifier", "key: nope", "source acrsi_farm: key nope is not one of its columns"),
        ("sources.yaml", ": bigint", ": bigintt", "source acrsi_farm.acrsi_farm_identifier: type 'bigintt' is not known; known are bigint,"),
        ("staging.yaml", "    source: acrsi_farm\n", "    source: acrsi_farm\n    wher: x\n", "staging.yaml acrsi_farm has unknown fields wher"),
        ("vault.yaml", "staging: [ag_prod_plan]", "staging: []", "vault ag_prod_plan_h: has no staging table or no columns"),
        ("vault.yaml", "    kind: hub\n", "    kind: hubb\n", "kind 'hubb' is not known; known are hub, reference hub, link,"),
        ("vault.yaml", "natural_key: [core_cust_id]", "natural_key: [cust]", "core_cust_h: natural key cust is not among its columns"),
        ("vault.yaml", "      ag_prod_plan_h_id: [ag", "      other_id: [ag", "vault ag_prod_plan_h: needs a natural_key, or the parts of"),
        ("vault.yaml", "entity: acrsi_farm_id", "entity: nope", "acrsi_farm_hs: a satellite needs its entity, one of its columns, got 'nope'"),
        ("vault.yaml", "not_from: [acrsi_farm]", "not_from: [farms]", "vault crop_acrg_rpt_h: farms is not a staging table"),
        ("vault.yaml", "also_as: [[loc_st_fsa_cd, loc_cnty_fsa_cd]]", "also_as: [[loc_st_fsa_cd]]", "also_as loc_st_fsa_cd must name 2 columns"),
        ("vault.yaml", "      core_cust_h: [core_cust_id]", "      core_cust_h: [nope]", "staging cont_plan_cert_elct has no column nope"),
        ("vault.yaml", "load_dt, data_src_nm, ag_prod_plan_id]", "load_dt, load_dt, data_src_nm, ag_prod_plan_id]", "column load_dt is listed 2 times"),
        ("vault.yaml", "requires: [core_cust_h, crop_acrg_rpt_h]", "requires: [cont_plan_cert_elct_ls]", "cycle: cont_plan_cert_elct_ls -> cont_plan_cert_elct_l -> cont_plan"),
        ("vault.yaml", "\n  farm_h:\n", "\n  tr_h:\n", r"is not YAML: tr_h comes twice in .* line \d+"),
    ],
)  # fmt: skip
def test_what_cannot_be_rendered_is_refused(
    folder: Path, name: str, old: str, new: str, message: str
) -> None:
    changed(folder, name, old, new)
    with pytest.raises(ModelError, match=message if "\\d" in message else re.escape(message)):
        load_model(folder)


def test_an_unknown_field_of_a_table_is_refused(folder: Path) -> None:
    changed(folder, "vault.yaml", "    entity: tr_id", "    entitty: tr_id")
    with pytest.raises(ModelError, match="entitty"):
        load_model(folder)
