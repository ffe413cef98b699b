from dataclasses import replace
from pathlib import Path

import pytest

from cars_acceptance.main_job import vault_model
from cars_acceptance.main_job.check import check
from cars_acceptance.main_job.proof import proof_of
from cars_acceptance.main_job.release import Release, Table
from cars_acceptance.main_job.vault import row_counts

from .conftest import Vault

OWN = Table("DM", "FARM_FACT", ("car_dm_stg.farm_fact",), ("edv.farm_h",))


def without(release: Release, *names: str) -> Release:
    return replace(release, tables=tuple(table for table in release.tables if table.name not in names))


def test_every_table_of_the_repository_is_compared(vault: Vault) -> None:
    assert vault.proof.only_loaded == []
    assert len(vault.proof.compared) == len(vault.release.tables)
    assert (vault.proof.totals_missing, vault.proof.late_missing) == ("", "")


def test_what_a_tree_lacks_is_not_compared_and_the_report_says_so(vault: Vault) -> None:
    smaller = without(vault.release, "AG_PROD_PLAN_HS", "AG_PROD_PLAN_CMPL_DET_HS", "TR")
    made = proof_of(smaller, vault.model, vault.proof_columns)
    assert made.totals_missing == made.late_missing == "the tree has no edv.ag_prod_plan_hs"
    assert "tr" not in made.model.staging
    load = vault.loads[-1]
    checked = check(vault.connection, made, load.day, load.expected, vault.generator.control.names)
    assert (checked.differences, checked.totals, checked.acres) == ([], 0, {})
    assert "control totals not compared: the tree has no edv.ag_prod_plan_hs" in list(made.lines())


def test_tables_of_the_team_are_counted_and_named_as_only_loaded(vault: Vault) -> None:
    more = replace(vault.release, tables=(*vault.release.tables, OWN))
    made = proof_of(more, vault.model, vault.proof_columns)
    count = len(vault.release.tables)
    first, second = made.lines()
    assert first == f"rows of {count} of {count + 1} tables compared with the generated source"
    assert second.endswith(": DM/FARM_FACT")
    assert made.as_dict()["only_loaded"] == ["DM/FARM_FACT"]


@pytest.mark.parametrize("column", ["crop_fld_rpt_qty", "load_end_dt"])
def test_a_table_of_the_same_name_with_other_columns_is_not_compared(vault: Vault, column: str) -> None:
    columns = {**vault.proof_columns}
    columns["edv.ag_prod_plan_hs"] -= {column}
    made = proof_of(vault.release, vault.model, columns)
    assert made.totals_missing == f"edv.ag_prod_plan_hs has no {column}"


def test_a_mart_that_is_not_loaded_is_a_difference(vault: Vault) -> None:
    vault.connection.execute("create schema car_dm_stg; create table car_dm_stg.farm_fact ()")
    more = replace(vault.release, tables=(*vault.release.tables, OWN))
    made, load = proof_of(more, vault.model, vault.proof_columns), vault.loads[-1]
    (found,) = check(
        vault.connection, made, load.day, load.expected, vault.generator.control.names
    ).differences
    assert (found.what, found.key, found.found) == ("table load", "DM farm_fact", "not in the ledger")


def test_a_tree_without_any_table_of_cars_is_not_said_to_be_compared(tree: Path) -> None:
    made = proof_of(Release((OWN,), ()), vault_model.read(tree), {})
    assert next(made.lines()) == "rows of 0 of 1 tables compared with the generated source"


def test_no_table_is_no_query_that_fails(vault: Vault) -> None:
    assert row_counts(vault.connection, []) == {}
