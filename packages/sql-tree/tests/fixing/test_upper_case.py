# ruff: noqa: E501 - one script is one line
"""Names in upper case: cells, folders and files; two files of one name are refused, and the release stays the same."""

from pathlib import Path

from fixes import fix, left
from trees import put

from sql_tree.compiler.compile import compile_tree
from sql_tree.fixing.plan import plan_fixes


def test_cells_change_and_nothing_around_them(small: Path) -> None:
    before = b'\xef\xbb\xbf"ETL_DV_TBL_ID"|"dv_tbl_nm"\r\n"1"|" farm_h "\r\n\r\n2|Farm_Hs'
    (small / "metadata/dv_tables.csv").write_bytes(before)
    fix(small)
    after = (small / "metadata/dv_tables.csv").read_bytes()
    assert after == before.replace(b" farm_h ", b" FARM_H ").replace(b"Farm_Hs", b"FARM_HS")


def test_folders_and_files_are_renamed_and_the_manifest_stays(small: Path) -> None:
    before = compile_tree(small, checks=[]).manifest
    (small / "EDV/FARM_H").rename(small / "EDV/farm_h")
    (small / "EDV").rename(small / "edv")
    (small / "edv/FARM_HS/1_DV_UPDATE.sql").rename(small / "edv/FARM_HS/1_dv_update.SQL")
    (small / "STG/FARM/initial").rename(small / "STG/FARM/Initial")
    plan = fix(small)
    assert compile_tree(small, checks=[]).manifest == before
    assert not (small / "edv").exists()
    assert not (small / "STG/FARM/Initial").exists()
    assert plan.renames["edv/FARM_HS/1_dv_update.SQL"] == "EDV/FARM_HS/1_DV_UPDATE.sql"


def test_two_files_that_would_get_one_name_are_refused_with_both(small: Path) -> None:
    put(small, "EDV/farm_h/2_dv_insert.sql", "DELETE FROM edv.farm_h;")
    plan = fix(small)
    assert plan.fixes == ()
    assert left(plan, "names") == [
        "EDV/farm_h/2_dv_insert.sql:0: would become EDV/FARM_H/2_DV_INSERT.sql, as EDV/FARM_H/2_DV_INSERT.sql does"
    ]
    assert (small / "EDV/farm_h/2_dv_insert.sql").is_file()


def test_a_doubled_ending_goes(small: Path) -> None:
    path = small / "metadata/dm_tables.csv"
    path.rename(small / "metadata/dm_tables.csv.csv")
    fix(small)
    assert path.is_file()


def test_a_doubled_ending_stays_while_its_place_is_taken(small: Path) -> None:
    put(small, "metadata/dm_tables.csv.csv", "etl_dm_tbl_id|dm_tbl_nm\n")
    assert "as metadata/dm_tables.csv does" in left(fix(small), "names")[0]


def test_what_the_model_renders_is_not_edited(small: Path) -> None:
    put(small, "metadata/model/vault.yaml", "tables: []\n")
    put(small, "metadata/stg_tables.csv", "tbl\nfarm\n")
    put(
        small,
        "EDV/FARM_H/2_DV_INSERT.sql",
        "INSERT INTO edv.farm_h (farm_id) SELECT s.farm_id FROM cars_stg.farm AS s WHERE DATE '2001-01-01' < CURRENT_DATE ON CONFLICT DO NOTHING",
    )
    plan = plan_fixes(small)
    assert plan.fixes == ()
    assert {(one.kind, one.path) for one in plan.left} == {
        ("names", "metadata/stg_tables.csv"),
        ("clock", "EDV/FARM_H/2_DV_INSERT.sql"),
    }
    assert all("nox -s render" in one.instead for one in plan.left)
