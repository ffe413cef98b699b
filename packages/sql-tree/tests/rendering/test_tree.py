"""Rendering: the committed tree is what the model says, readable, and free of the clock."""

import shutil
from pathlib import Path

import pytest

from sql_tree.model.tables import Model, ModelError
from sql_tree.rendering.tree import render_tree, stale_files, write_tree


def test_the_committed_tree_is_not_stale(model: Model, migrations: Path, tree_root: Path) -> None:
    assert stale_files(render_tree(model, migrations), tree_root) == [], (
        "run `nox -s render` and commit what it writes"
    )


def test_rendering_is_deterministic(model: Model, migrations: Path) -> None:
    assert list(render_tree(model, migrations).items()) == list(render_tree(model, migrations).items())


def test_every_table_has_its_scripts(model: Model, migrations: Path) -> None:
    tree = render_tree(model, migrations)
    assert sum(name.startswith("STG/") for name in tree) == 26
    assert {name for name in tree if name.startswith("EDV/CARS_TR_HS/")} == {
        "EDV/CARS_TR_HS/1_DV_UPDATE.sql", "EDV/CARS_TR_HS/2_DV_INSERT.sql", "EDV/CARS_TR_HS/3_DV_DELETE.sql",
    }  # fmt: skip
    assert [name for name in tree if name.startswith("EDV/TR_H/")] == ["EDV/TR_H/2_DV_INSERT.sql"]
    assert sum(name.startswith("EDV/") for name in tree) == 15 * 3 + 14


def test_a_staging_script_reads_as_a_person_would_write_it(model: Model, migrations: Path) -> None:
    assert render_tree(model, migrations)["STG/TR/incremental/TR.sql"] == (
        "-- tr: the changes of tract of one day\n"
        "-- Rendered from metadata/model/staging.yaml; change the model and run `nox -s render`, not this file.\n"
        "SELECT\n"
        "    d.tract_identifier AS tr_id,\n"
        "    d.crop_acreage_report_identifier AS crop_acrg_rpt_id,\n"
        "    d.tract_number AS tr_nbr,\n"
        "    CAST(d.creation_date AS TIMESTAMP) AS cre_dt,\n"
        "    CAST(d.last_change_date AS TIMESTAMP) AS last_chg_dt,\n"
        "    d.last_change_user_name AS last_chg_user_nm,\n"
        "    d.data_status_code AS data_stat_cd,\n"
        "    d.farmland_acreage AS fmld_acrg,\n"
        "    d.cropland_acreage AS cpld_acrg,\n"
        "    d.tract_description AS tr_desc,\n"
        "    d.location_state_fsa_code AS loc_st_fsa_cd,\n"
        "    d.location_county_fsa_code AS loc_cnty_fsa_cd,\n"
        "    crop_acreage_report.program_year AS pgm_yr,\n"
        "    crop_acreage_report.farm_number AS farm_nbr,\n"
        "    crop_acreage_report.state_fsa_code AS st_fsa_cd,\n"
        "    crop_acreage_report.county_fsa_code AS cnty_fsa_cd,\n"
        "    '' AS hash_diff,\n"
        "    CASE WHEN d.op = 'U' THEN 'UN' ELSE COALESCE(d.op, 'I') END AS cdc_oper_cd,\n"
        "    CAST('{ETL_START_TIMESTAMP}' AS TIMESTAMP) AS load_dt,\n"
        "    'CARS_STG' AS data_src_nm,\n"
        "    CAST(d.dart_filedate AS DATE) AS cdc_dt\n"
        "FROM `fsa-{env}-cars-cdc`.`tract` AS d\n"
        "LEFT JOIN `fsa-{env}-cars`.`crop_acreage_report` AS crop_acreage_report\n"
        "    ON crop_acreage_report.crop_acreage_report_identifier = d.crop_acreage_report_identifier\n"
        "WHERE d.dart_filedate = '{ETL_START_DATE}'\n"
    )


def test_a_link_script_reads_as_a_person_would_write_it(model: Model, migrations: Path) -> None:
    assert render_tree(model, migrations)["EDV/CROP_ACRG_RPT_BUS_PTY_SHR_L/2_DV_INSERT.sql"] == (
        "-- crop_acrg_rpt_bus_pty_shr_l: links shown by bus_pty_shr\n"
        "-- Rendered from metadata/model/vault.yaml; change the model and run `nox -s render`, not this file.\n"
        "WITH keyed AS (\n"
        "    SELECT DISTINCT ON (crop_acrg_rpt_bus_pty_shr_l_id)\n"
        "        MD5(\n"
        "            COALESCE(s.ag_prod_plan_id::varchar(32), '-1')\n"
        "            || '~~' || COALESCE(s.core_cust_id::varchar(32), '-1')\n"
        "        ) AS crop_acrg_rpt_bus_pty_shr_l_id,\n"
        "        MD5(COALESCE(s.ag_prod_plan_id::varchar(32), '-1')) AS ag_prod_plan_h_id,\n"
        "        s.core_cust_id,\n"
        "        s.data_src_nm\n"
        "    FROM cars_stg.bus_pty_shr AS s\n"
        "    WHERE s.cdc_oper_cd <> 'D'\n"
        "      AND s.core_cust_id IS NOT NULL\n"
        "    ORDER BY\n"
        "        crop_acrg_rpt_bus_pty_shr_l_id, ag_prod_plan_h_id, core_cust_id, data_src_nm\n"
        ")\n"
        "INSERT INTO edv.crop_acrg_rpt_bus_pty_shr_l (\n"
        "    crop_acrg_rpt_bus_pty_shr_l_id,\n"
        "    ag_prod_plan_h_id,\n"
        "    core_cust_id,\n"
        "    load_dt,\n"
        "    data_src_nm\n"
        ")\n"
        "SELECT\n"
        "    k.crop_acrg_rpt_bus_pty_shr_l_id,\n"
        "    k.ag_prod_plan_h_id,\n"
        "    k.core_cust_id,\n"
        "    TIMESTAMP '{ETL_START_TIMESTAMP}',\n"
        "    k.data_src_nm\n"
        "FROM keyed AS k\n"
        "WHERE NOT EXISTS (\n"
        "    SELECT 1 FROM edv.crop_acrg_rpt_bus_pty_shr_l AS l"
        " WHERE l.crop_acrg_rpt_bus_pty_shr_l_id = k.crop_acrg_rpt_bus_pty_shr_l_id\n"
        ")\n"
        "ORDER BY k.crop_acrg_rpt_bus_pty_shr_l_id\n"
        "ON CONFLICT (crop_acrg_rpt_bus_pty_shr_l_id) DO NOTHING;\n"
    )


def test_process_control_is_copied_as_it_is(model: Model, migrations: Path) -> None:
    tree = render_tree(model, migrations)
    originals = sorted(migrations.glob("*.sql"))
    copies = [text for name, text in tree.items() if name.startswith("DDL/DART_PROCESS_CONTROL/")]
    assert sorted(copies) == sorted(path.read_text(encoding="utf-8") for path in originals)


def test_migrations_that_are_not_there_are_named(model: Model, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match="holds no migrations; DDL/DART_PROCESS_CONTROL is copied from there"
    ):
        render_tree(model, tmp_path)


def test_stale_missing_and_stray_files_are_told_and_put_right(
    model: Model, migrations: Path, tree_root: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(tree_root, tmp_path / "tree"))
    tree = render_tree(model, migrations)
    (root / "STG/TR/initial/TR.sql").unlink()
    (root / "EDV/TR_H/2_DV_INSERT.sql").write_text("SELECT 1", encoding="utf-8")
    (root / "EDV/OLD_H").mkdir()
    (root / "EDV/OLD_H/2_DV_INSERT.sql").write_text("SELECT 1", encoding="utf-8")
    told = [
        "EDV/TR_H/2_DV_INSERT.sql differs from what the model renders",
        "STG/TR/initial/TR.sql is missing",
        "EDV/OLD_H/2_DV_INSERT.sql is not rendered by the model",
    ]
    assert stale_files(tree, root) == told
    assert write_tree(tree, root) == told
    assert stale_files(tree, root) == []
    assert not (root / "EDV/OLD_H").exists()


def test_marts_written_by_hand_are_left_alone(
    model: Model, migrations: Path, tree_root: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(tree_root, tmp_path / "tree"))
    mart = root / "CAR_DM/X_DIM/2_DM_INSERT_INCR.sql"
    mart.parent.mkdir(parents=True)
    mart.write_text("SELECT 1", encoding="utf-8")
    assert write_tree(render_tree(model, migrations), root) == []
    assert mart.exists()
