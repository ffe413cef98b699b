from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from psycopg import sql

from cars_acceptance.main_job import vault as questions
from cars_acceptance.main_job.check import Difference, check, unchanged

from .conftest import Vault

OPEN = "load_end_dt = '9999-12-31'"
DAY = "2026-06-03"


def run(vault: Vault, statement: str) -> None:
    assert vault.connection.execute(statement.encode()).rowcount > 0, "the statement must hit something"


def test_a_right_vault_has_no_difference(vault: Vault) -> None:
    checked = vault.check()
    assert checked.differences == []
    assert checked.acres == vault.loads[-1].expected.acres
    assert checked.totals > 90
    assert checked.open_rows["ag_prod_plan_hs"] == len(vault.loads[-1].final["agricultural_production_plan"])
    assert len(checked.loads) == len(vault.release.tables)
    assert {(load.status, load.seconds) for load in checked.loads} == {("Complete", 2.5)}


def test_the_totals_move_from_day_to_day(vault: Vault) -> None:
    days = [load.expected.acres for load in vault.loads]
    assert days[0] == vault.generator.control.acres
    assert days[0] != days[1] != days[2]


@pytest.mark.parametrize("change", ["0.00001", "-0.00001"])
def test_a_hundred_thousandth_of_an_acre_is_found(vault: Vault, change: str) -> None:
    run(
        vault,
        f"update edv.ag_prod_plan_hs set crop_fld_rpt_qty = crop_fld_rpt_qty + {change} where ag_prod_plan_id = "
        f"(select min(ag_prod_plan_id) from edv.ag_prod_plan_hs where {OPEN}) and {OPEN}",
    )
    (found,) = vault.check().differences
    assert found.what == "acres"
    assert Decimal(found.found) - Decimal(found.expected) == Decimal(change)
    assert "Elk Fork, Meridia: " in found.key
    assert "[91/003 " in found.key
    assert " status " in found.key


def test_acres_of_a_closed_version_do_not_count(vault: Vault) -> None:
    run(vault, f"update edv.ag_prod_plan_hs set crop_fld_rpt_qty = crop_fld_rpt_qty + 1 where not {OPEN}")
    assert vault.check().differences == []


def test_acres_under_another_code_are_found_at_both_totals(vault: Vault) -> None:
    one = f"ag_prod_plan_id = (select min(ag_prod_plan_id) from edv.ag_prod_plan_hs where {OPEN}) and {OPEN}"
    run(vault, f"update edv.ag_prod_plan_hs set irr_prac_cd = 'Z' where {one}")
    found = [difference for difference in vault.check().differences if difference.what == "acres"]
    assert len(found) == 2
    assert "none" in {difference.expected for difference in found}


def test_a_missing_open_row_is_found(vault: Vault) -> None:
    run(
        vault,
        f"update edv.fld_hs set load_end_dt = load_dt where fld_id = (select min(fld_id) from edv.fld_hs where {OPEN})",
    )
    (found,) = vault.check().differences
    assert (found.what, found.key) == ("open rows", "fld_hs")
    assert int(found.expected) - int(found.found) == 1


def test_two_open_rows_of_one_entity_are_found(vault: Vault) -> None:
    found = vault.connection.execute(
        "select indexname from pg_indexes where schemaname = 'edv' and tablename = 'cars_tr_hs' "
        "and indexdef like '%UNIQUE%WHERE%'"
    ).fetchall()
    for (index,) in found:
        vault.connection.execute(sql.SQL("drop index {}").format(sql.Identifier("edv", index)))
    least, most = (f"(select {which}(tr_id) from edv.cars_tr_hs where {OPEN})" for which in ("min", "max"))
    run(vault, f"update edv.cars_tr_hs set tr_id = {least} where tr_id = {most} and {OPEN}")
    assert vault.check().differences == [
        Difference("entities with several open rows", "cars_tr_hs", "0", "1")
    ]


@pytest.mark.parametrize(
    ("statement", "key"),
    [
        ("delete from edv.tr_h", "crop_acrg_rpt_tr_l.tr_h_id in tr_h"),
        ("delete from edv.core_cust_h", "crop_acrg_rpt_bus_pty_l.core_cust_id in core_cust_h"),
        ("delete from edv.fsa_cnty_rh", "tr_loc_fsa_cnty_l.loc_st_fsa_cd+loc_cnty_fsa_cd in fsa_cnty_rh"),
        ("delete from edv.cars_crop_cls_l", "cars_crop_cls_ls.crop_acrg_rpt_crop_type_l_id in cars_crop_cls_l"),
        ("delete from edv.core_cust_h", "acrsi_prdr_hs.core_cust_id in core_cust_h"),
        ("delete from edv.ag_prod_plan_h", "ag_prod_plan_cmpl_det_hs.ag_prod_plan_h_id in ag_prod_plan_h"),
    ],
)  # fmt: skip
def test_rows_without_their_parent_are_found(vault: Vault, statement: str, key: str) -> None:
    run(vault, statement)
    found = {difference.key: difference for difference in vault.check().differences}
    assert found[key].what == "rows without parent"
    assert int(found[key].found) > 0


def test_staging_rows_are_counted_against_the_delivered_ones(vault: Vault) -> None:
    run(vault, "delete from cars_stg.tr where ctid = (select min(ctid) from cars_stg.tr)")
    (found,) = vault.check().differences
    assert (found.what, found.key) == ("staging rows", "tr")
    assert int(found.expected) - int(found.found) == 1


def test_a_table_that_was_not_loaded_is_found(vault: Vault) -> None:
    run(
        vault,
        f"delete from dart_process_control.data_ppln_oper where data_obj_nm = 'FARM_H' and start_date = '{DAY}'",
    )
    assert vault.check().differences == [
        Difference("table load", "EDV farm_h", "Complete", "not in the ledger")
    ]


def test_a_load_that_failed_last_is_found_with_its_message(vault: Vault) -> None:
    run(vault, "insert into dart_process_control.data_ppln_oper "
        f"values (default, 'EDV', 'FARM_H', 'Failed', 0, now(), now(), 'out of disk', '{DAY}')")  # fmt: skip
    assert vault.check().differences == [
        Difference("table load", "EDV farm_h", "Complete", "Failed: out of disk")
    ]


def test_an_unexpected_total_is_found(vault: Vault) -> None:
    load = vault.loads[-1]
    key, acres = next(iter(load.expected.acres.items()))
    others = {other: value for other, value in load.expected.acres.items() if other != key}
    expected = replace(load.expected, acres=others)
    names = vault.generator.control.names
    (found,) = check(vault.connection, vault.proof, load.day, expected, names).differences
    assert (found.expected, found.found) == ("none", f"{acres:f}")


def test_loading_the_same_day_again_changes_no_row(vault: Vault) -> None:
    before = questions.fingerprints(vault.connection, vault.release.targets)
    vault.warehouse.load(date.fromisoformat(DAY))
    assert unchanged(before, questions.fingerprints(vault.connection, vault.release.targets)) == []


def test_a_changed_value_changes_the_fingerprint_of_its_table(vault: Vault) -> None:
    before = questions.fingerprints(vault.connection, vault.release.targets)
    run(
        vault,
        "update edv.farm_h set data_src_nm = 'x' where farm_h_id = (select min(farm_h_id) from edv.farm_h)",
    )
    after = questions.fingerprints(vault.connection, vault.release.targets)
    assert [difference.key for difference in unchanged(before, after)] == ["edv.farm_h"]


def test_late_rows_become_history_and_leave_what_is_current(vault: Vault) -> None:
    load = vault.loads[-1]
    ((day, tables),) = load.late.items()
    vault.warehouse.load(day)
    rows = [row for files in tables.values() for rows in files for row in rows]
    for row in rows:
        plan, changed = row["agricultural_production_plan_identifier"], row["last_change_date"]
        assert questions.closed_versions(vault.connection, plan, changed) == 1
    assert questions.acres(vault.connection) == load.expected.acres


def test_loads_of_an_earlier_run_are_told_from_those_of_this_one(vault: Vault) -> None:
    mark = questions.ledger_mark(vault.connection)
    run(vault, "insert into dart_process_control.data_ppln_oper "
        f"values (default, 'EDV', 'FARM_H', 'Complete', 0, now(), now(), null, '{DAY}')")  # fmt: skip
    loads = {load.table: load for load in questions.loads(vault.connection, date.fromisoformat(DAY), mark)}
    assert (loads["FARM_H"].outcome, loads["TR_H"].outcome) == ("Complete", "already loaded")
