"""The compiler: the committed tree is a release; every kind of bad input is named with its file, all at once."""

import codecs
import hashlib
import json
import shutil
from pathlib import Path

import pytest

from sql_tree.compiler.compile import compile_tree
from sql_tree.compiler.files import ScriptFile
from sql_tree.compiler.findings import CompileError
from sql_tree.compiler.reading import scan
from sql_tree.model.tables import Model
from sql_tree.release.contents import Release


@pytest.fixture(scope="session")
def compiled(tree_root: Path) -> Release:
    return compile_tree(tree_root)


def put(root: Path, name: str, text: str | bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def problems(root: Path) -> list[str]:
    with pytest.raises(CompileError) as raised:
        compile_tree(root, checks=[])
    return [str(problem) for problem in raised.value.problems]


def test_the_committed_tree_compiles(compiled: Release, model: Model) -> None:
    tables = compiled.manifest["tables"]
    assert set(tables["STG"]) == {name.upper() for name in model.staging}
    assert set(tables["EDV"]) == {name.upper() for name in model.vault}
    assert (tables["DM"], tables["CAR_DM"]) == ({}, {})
    assert set(tables["DDL"]) == {"CARS_STG", "EDV", "CAR_DM", "DART_PROCESS_CONTROL"}
    assert compiled.warnings == ()


def test_the_manifest_describes_every_file_and_where_rows_come_from(compiled: Release) -> None:
    manifest = compiled.manifest
    assert (manifest["version"], manifest["release"]) == (1, compiled.release)
    assert set(manifest["files"]) == set(compiled.files)
    content = compiled.files["EDV/FARM_H/2_DV_INSERT.sql"]
    assert manifest["files"]["EDV/FARM_H/2_DV_INSERT.sql"] == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }
    assert manifest["tables"]["STG"]["ACRSI_FARM"] == {
        "scripts": {
            "initial": ["STG/ACRSI_FARM/initial/ACRSI_FARM.sql"],
            "incremental": ["STG/ACRSI_FARM/incremental/ACRSI_FARM.sql"],
        },
        "reads": ["fsa-{env}-cars-cdc.acrsi_farm", "fsa-{env}-cars.acrsi_farm"],
        "writes": ["cars_stg.acrsi_farm"],
        "requires": [],
    }
    assert manifest["tables"]["EDV"]["CROP_ACRG_RPT_TR_LS"] == {
        "scripts": [
            "EDV/CROP_ACRG_RPT_TR_LS/1_DV_UPDATE.sql",
            "EDV/CROP_ACRG_RPT_TR_LS/2_DV_INSERT.sql",
            "EDV/CROP_ACRG_RPT_TR_LS/3_DV_DELETE.sql",
        ],
        "reads": ["cars_stg.tr"],
        "writes": ["edv.crop_acrg_rpt_tr_ls"],
        "requires": ["EDV.CROP_ACRG_RPT_TR_L", "EDV.TR_H", "STG.TR"],
    }


def test_groups_put_every_table_after_what_it_requires(compiled: Release) -> None:
    done: set[str] = set()
    for group in compiled.manifest["groups"]["EDV"]:
        for table in group:
            needs = compiled.manifest["tables"]["EDV"][table]["requires"]
            assert {need for need in needs if need.startswith("EDV.")} <= done
        done |= {f"EDV.{table}" for table in group}
    assert len(done) == 29


def test_a_hub_uses_staging_tables_that_it_takes_keys_from_each_by_itself(compiled: Release) -> None:
    """One of them that fails must not hold up the keys of the others."""
    vault = compiled.manifest["tables"]["EDV"]
    assert (vault["FLD_H"]["requires"], vault["FLD_H"]["uses"]) == (
        [],
        ["STG.AG_PROD_PLAN", "STG.BUS_PTY_SHR", "STG.FIELD"],
    )
    assert sorted(table for table, entry in vault.items() if "uses" in entry) == [
        "AG_PROD_PLAN_H", "CORE_CUST_H", "CROP_ACRG_RPT_H", "FARM_H", "FLD_H", "FSA_CNTY_RH", "TR_H",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "SELECT f.id FROM cars_stg.farm AS f INNER JOIN cars_stg.tract AS t ON t.id = f.id",
        "SELECT id FROM cars_stg.farm UNION SELECT t.id FROM cars_stg.tract AS t, cars_stg.farm AS f",
        "SELECT id FROM cars_stg.farm EXCEPT SELECT id FROM cars_stg.tract",
        "SELECT id FROM cars_stg.farm UNION SELECT id FROM edv.farm_hs WHERE id IN (SELECT id FROM cars_stg.tract)",
    ],
)
def test_staging_tables_whose_rows_meet_are_required(query: str) -> None:
    text = f"INSERT INTO edv.farm_h (id) {query};"
    script = ScriptFile("EDV/FARM_H/2_DV_INSERT.sql", "EDV", "FARM_H", "", 2, text)
    found = scan(script)
    assert not {"cars_stg.farm", "cars_stg.tract"} <= found.alternatives
    assert "cars_stg.tract" not in found.alternatives


def test_a_release_is_named_by_its_content(compiled: Release, tree_root: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tree_root, tmp_path / "elsewhere"))
    again = compile_tree(copy, checks=[])
    assert (again.release, again.manifest_bytes) == (compiled.release, compiled.manifest_bytes)
    assert json.loads(again.manifest_bytes) == compiled.manifest
    put(copy, "EDV/FARM_H/2_DV_INSERT.sql", compiled.files["EDV/FARM_H/2_DV_INSERT.sql"] + b"-- more\n")
    assert compile_tree(copy, checks=[]).release != compiled.release


def test_the_model_and_a_readme_do_not_travel(small: Path) -> None:
    put(small, "metadata/model/vault.yaml", "tables: {}\n")
    put(small, "README.md", "# read me\n")
    assert not {"metadata/model/vault.yaml", "README.md"} & set(compile_tree(small, checks=[]).files)


def test_csvs_may_have_a_bom_quotes_blank_lines_and_any_header_case(small: Path) -> None:
    put(small, "metadata/stg_tables.csv", codecs.BOM_UTF8 + b'"TBL"\r\n\r\n"FARM"\r\n')
    put(small, "metadata/dv_tables.csv", 'DV_TBL_NM|"ETL_DV_TBL_ID"\nFARM_H|1\n \nFARM_HS|"2"\n')
    manifest = compile_tree(small, checks=[]).manifest
    assert manifest["groups"]["EDV"] == [["FARM_H"], ["FARM_HS"]]


SCRIPT = "EDV/FARM_H/2_DV_INSERT.sql"
BAD_SCRIPTS: dict[str, tuple[str, str | bytes, str]] = {
    "unknown token": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT {ETL_BATCH} FROM cars_stg.farm;",
        f"{SCRIPT}:2: unknown token {{ETL_BATCH}}; known are ETL_START_DATE, ETL_END_DATE, ETL_DATE, SYSTEM_DATE,"
        " ETL_START_TIMESTAMP, ETL_END_TIMESTAMP, ETL_DATE_YYYYMMDD, ETL_START_DATE_YYYYMMDD, ETL_YEAR, ETL_MONTH,"
        " ETL_DAY, ENV, env",
    ),
    "unparsable": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT FROM WHERE farm_id = (1;",
        f"{SCRIPT}:2: is not postgres SQL: ",
    ),
    "unclosed string": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT 'a",
        f"{SCRIPT}:2: is not postgres SQL: the quote ' is not closed",
    ),
    "empty": (SCRIPT, "  \n", f"{SCRIPT}: is empty; write it or delete it"),
    "only a comment": (SCRIPT, "-- later\n", f"{SCRIPT}: holds no statement; write one or delete the file"),
    "not UTF-8": (SCRIPT, b"SELECT 1;\n-- caf\xe9\n", f"{SCRIPT}:2: is not UTF-8 at byte 16"),
    "the date": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT 1\nFROM cars_stg.farm WHERE x < CURRENT_DATE;",
        f"{SCRIPT}:3: uses the clock (current_date); take a token such as {{ETL_START_TIMESTAMP}} instead",
    ),
    "the time": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT now() FROM cars_stg.farm;",
        f"{SCRIPT}:2: uses the clock (now); take a token such as {{ETL_START_TIMESTAMP}} instead",
    ),
    "the time as a word": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT 1 FROM cars_stg.farm WHERE x < 'today'::date;",
        f"{SCRIPT}:2: uses the clock ('today'); take a token such as {{ETL_START_TIMESTAMP}} instead",
    ),
    "an age until today": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT 1 FROM cars_stg.farm WHERE age(least(x, y)) > interval '1 day';",
        f"{SCRIPT}:2: uses the clock (age of one value); take a token such as {{ETL_START_TIMESTAMP}} instead",
    ),
    "unknown table": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT farm_id\nFROM cars_stg.farms;",
        f"{SCRIPT}:3: reads cars_stg.farms, which nothing here produces and metadata/external_tables.csv does not list",
    ),
    "table without schema": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM farm;",
        f"{SCRIPT}:1: table farm has no schema and is neither a CTE nor a temporary table made before",
    ),
    "writes elsewhere": (
        SCRIPT,
        "DELETE FROM edv.farm_hs;",
        f"{SCRIPT}:1: writes edv.farm_hs; a script of FARM_H writes its own table only",
    ),
    "changes nothing": (SCRIPT, "SELECT farm_id FROM cars_stg.farm;", f"{SCRIPT}: no script of FARM_H changes a table"),
    "unknown column": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_nbr) SELECT farm_id FROM cars_stg.farm;",
        f"{SCRIPT}:1: inserts farm_nbr, which edv.farm_h does not have",
    ),
    "too many values": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id) SELECT farm_id, 1 FROM cars_stg.farm;",
        f"{SCRIPT}:1: inserts 2 values for 1 columns into edv.farm_h",
    ),
    "reads what is loaded later": (
        SCRIPT,
        "INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM edv.farm_hs;",
        f"{SCRIPT}:1: reads edv.farm_hs, but the metadata does not say that it requires FARM_HS",
    ),
    "clock by its schema": (
        SCRIPT,
        "DELETE FROM edv.farm_h WHERE farm_id IN (SELECT farm_id FROM cars_stg.farm WHERE d < pg_catalog.now());",
        f"{SCRIPT}:1: uses the clock (now); take a token",
    ),
    "transaction control": (SCRIPT, "DELETE FROM edv.farm_h; COMMIT;", f"{SCRIPT}:1: COMMIT is refused; all scripts of"),
    "setting": (SCRIPT, "SET work_mem = '1GB';", f"{SCRIPT}:1: SET is not a statement of a table's load; move it to DDL"),
    "copy out": (SCRIPT, "COPY edv.farm_h TO PROGRAM 'cat';", f"{SCRIPT}:1: COPY is not a statement of a table's load"),
    "drop": (SCRIPT, "DROP TABLE edv.farm_h;", f"{SCRIPT}:1: DROP of edv.farm_h in a load; a table that stays"),
    "create": (SCRIPT, "CREATE TABLE edv.farm_h AS SELECT 1 AS a;", f"{SCRIPT}:1: CREATE of edv.farm_h in a load"),
    "truncates another table": (SCRIPT, "TRUNCATE edv.farm_hs;", f"{SCRIPT}:1: writes edv.farm_hs; a script of FARM_H"),
    "NUL": (SCRIPT, "DELETE FROM edv.farm_h;\n-- \0", f"{SCRIPT}:2: holds a NUL character"),
    "not understood": (SCRIPT, "DO $$ BEGIN DELETE FROM edv.farm_h; END $$;", f"{SCRIPT}:1: DO runs code, of which"),
    "several statements in staging": (
        "STG/FARM/initial/FARM.sql",
        "SELECT 1 AS farm_id; SELECT 2 AS farm_id",
        "STG/FARM/initial/FARM.sql: must be exactly one SELECT, got SELECT, SELECT",
    ),
    "staging that writes": (
        "STG/FARM/initial/FARM.sql",
        "DROP TABLE farm",
        "STG/FARM/initial/FARM.sql: must be exactly one SELECT, got DROP",
    ),
    "staging columns": (
        "STG/FARM/initial/FARM.sql",
        "SELECT d.nbr AS farm_nbr FROM `fsa-{env}-cars`.`farm` AS d",
        "STG/FARM/initial/FARM.sql: does not select farm_id of cars_stg.farm",
    ),
    "stray file": (
        "EDV/FARM_H/notes.txt",
        "x",
        "EDV/FARM_H/notes.txt: has no place in a release; expected STG/{TABLE}/{initial|incremental}/{TABLE}.sql,"
        " {EDV|DM|CAR_DM|DDL}/{TABLE}/{n}_{NAME}.sql or metadata/{name}.csv",
    ),
    "nested": ("EDV/FARM_H/old/2_DV_INSERT.sql", "SELECT 1", "EDV/FARM_H/old/2_DV_INSERT.sql: has no place in a release"),
    "without number": ("EDV/FARM_H/DV_INSERT.sql", "SELECT 1", "EDV/FARM_H/DV_INSERT.sql: has no place in a release"),
    "number twice": (
        "EDV/FARM_H/02_DV_MORE.sql",
        "DELETE FROM edv.farm_h;",
        "EDV/FARM_H/2_DV_INSERT.sql: has the number 2 of EDV/FARM_H/02_DV_MORE.sql; the order must be total",
    ),
    "unlisted table": (
        "EDV/OLD_H/2_DV_INSERT.sql",
        "DELETE FROM edv.old_h;",
        "EDV/OLD_H/2_DV_INSERT.sql: belongs to OLD_H, which metadata/dv_tables.csv does not list",
    ),
    "name of another table": (
        "STG/FARM/initial/FARMS.sql",
        "SELECT 1 AS farm_id",
        "STG/FARM/initial/FARMS.sql: must be called FARM.sql, like its table",
    ),
    "listed without scripts": (
        "metadata/stg_tables.csv",
        "tbl\nFARM\nTRACT\n",
        "metadata/stg_tables.csv: lists TRACT, but STG/TRACT/ has no scripts",
    ),
    "cycle": (
        "metadata/dv_tbl_dpnds.csv",
        "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n2|1\n1|2\n",
        "metadata/dv_tbl_dpnds.csv: tables require each other in a cycle: FARM_H -> FARM_HS -> FARM_H",
    ),
    "duplicate id": (
        "metadata/dv_tables.csv",
        "etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\n1|FARM_HS\n",
        "metadata/dv_tables.csv:3: id 1 of FARM_HS is already the id of FARM_H",
    ),
    "duplicate name": (
        "metadata/stg_tables.csv",
        "tbl\nFARM\nFARM\n",
        "metadata/stg_tables.csv:3: lists FARM again, first on line 2",
    ),
    "bad name": (
        "metadata/stg_tables.csv",
        "tbl\nfa rm\n",
        "metadata/stg_tables.csv:2: table must be a name of letters, digits and _, got 'fa rm'",
    ),
    "id that is no number": (
        "metadata/dv_tables.csv",
        "etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\ntwo|FARM_HS\n",
        "metadata/dv_tables.csv:3: id must be a whole number, got 'two'",
    ),
    "unlisted id": (
        "metadata/dv_tbl_dpnds.csv",
        "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n2|1\n9|1\n",
        "metadata/dv_tbl_dpnds.csv:3: id 9 is not listed among the tables",
    ),
    "unknown column of a CSV": (
        "metadata/stg_tables.csv",
        "tbl|owner\nFARM|me\n",
        "metadata/stg_tables.csv:1: header must be tbl, got tbl|owner",
    ),
    "too few values": (
        "metadata/dv_tables.csv",
        "etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\nFARM_HS\n",
        "metadata/dv_tables.csv:3: must have 2 values, got 1",
    ),
    "unknown CSV": (
        "metadata/notes.csv",
        "a\n",
        "metadata/notes.csv: is not read by anything; known are stg_tables.csv, dv_tables.csv",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "message"), BAD_SCRIPTS.values(), ids=BAD_SCRIPTS.keys())
def test_bad_input_is_named(small: Path, name: str, text: str | bytes, message: str) -> None:
    put(small, name, text)
    assert any(found.startswith(message) for found in problems(small)), problems(small)


REMOVED = {
    "EDV/FARM_H/2_DV_INSERT.sql": "metadata/dv_tables.csv: lists FARM_H, but EDV/FARM_H/ has no scripts",
    "STG/FARM/initial/FARM.sql": "STG/FARM/initial/FARM.sql: is missing; FARM needs both run types",
    "metadata/dv_tables.csv": "metadata/dv_tables.csv: is missing; its header is etl_dv_tbl_id|dv_tbl_nm",
}


@pytest.mark.parametrize(("name", "message"), REMOVED.items(), ids=REMOVED.keys())
def test_what_is_missing_is_named(small: Path, name: str, message: str) -> None:
    (small / name).unlink()
    assert message in problems(small)


def test_a_staging_table_that_the_ddl_of_the_tree_leaves_out_is_named(small: Path) -> None:
    put(small, "DDL/CARS_STG/1_FARM.sql", "CREATE TABLE IF NOT EXISTS cars_stg.field (field_id bigint);\n")
    text = "no script of DDL/CARS_STG creates cars_stg.farm"
    assert problems(small) == [f"STG/FARM/{kind}/FARM.sql: {text}" for kind in ("incremental", "initial")]


def test_all_problems_come_at_once_in_order_of_file(small: Path) -> None:
    put(small, SCRIPT, "INSERT INTO edv.farm_h (farm_id) SELECT {NOPE} FROM cars_stg.nope;")
    put(small, "STG/FARM/initial/FARM.sql", "")
    put(small, "ZZZ", "x")
    with pytest.raises(CompileError) as raised:
        compile_tree(small, checks=[])
    found = [str(problem) for problem in raised.value.problems]
    assert [text.partition(":")[0] for text in found] == [
        SCRIPT, SCRIPT, "STG/FARM/initial/FARM.sql", "STG/FARM/initial/FARM.sql", "ZZZ",
    ]  # fmt: skip
    assert str(raised.value).startswith(f"{small} does not compile, 5 problems")


def test_a_link_is_refused(small: Path) -> None:
    """It would carry a file from outside the tree into the release."""
    (small / SCRIPT).unlink()
    (small / SCRIPT).symlink_to(Path(__file__))
    assert f"{SCRIPT}: is a link to {__file__}; put the file itself there" in problems(small)


def test_a_script_may_end_with_a_comment(small: Path) -> None:
    before = (small / SCRIPT).read_text(encoding="utf-8")
    put(small, SCRIPT, f"{before}\n-- the end\n")
    assert compile_tree(small, checks=[]).release


def test_an_age_between_two_values_is_no_use_of_the_clock(small: Path) -> None:
    text = "INSERT INTO edv.farm_h (farm_id) SELECT farm_id FROM cars_stg.farm WHERE age(least(d, e), d) IS NULL;"
    put(small, SCRIPT, text)
    assert SCRIPT in compile_tree(small, checks=[]).files


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'none'}: is not a directory" in problems(tmp_path / "none")


def test_a_temporary_table_is_known_only_after_the_script_that_makes_it(small: Path) -> None:
    assert compile_tree(small, checks=[]).manifest["tables"]["EDV"]["FARM_HS"]["reads"] == ["cars_stg.farm"]
    put(small, "EDV/FARM_HS/0_EARLY.sql", "UPDATE edv.farm_hs SET farm_id = 1 FROM farm_change;")
    assert problems(small) == [
        "EDV/FARM_HS/0_EARLY.sql:1: table farm_change has no schema and is neither a CTE nor a temporary table made before"
    ]


def test_process_control_may_use_the_clock(small: Path) -> None:
    put(
        small,
        "DDL/DART_PROCESS_CONTROL/1_A.sql",
        "CREATE TABLE a.b (c timestamptz DEFAULT clock_timestamp());",
    )
    assert compile_tree(small, checks=[]).manifest["tables"]["DDL"]["DART_PROCESS_CONTROL"]["scripts"]


def test_marts_are_checked_like_the_vault(small: Path) -> None:
    put(small, "metadata/dm_tables.csv", "etl_dm_tbl_id|dm_tbl_nm\n7|FARM_DIM\n8|FARM_SUMM\n")
    put(small, "metadata/dm_tbl_dpnds.csv", "etl_dm_tbl_id|rqr_etl_dm_tbl_id\n8|7\n")
    put(
        small,
        "CAR_DM/FARM_DIM/2_DM_INSERT_INCR.sql",
        "INSERT INTO car_dm_stg.farm_dim SELECT farm_id FROM edv.farm_h;",
    )
    put(small, "CAR_DM/FARM_SUMM/1_DM_DELETE.sql", "DELETE FROM car_dm_stg.farm_summ;")
    put(
        small,
        "CAR_DM/FARM_SUMM/2_DM_INSERT.sql",
        "INSERT INTO car_dm_stg.farm_summ SELECT 1 FROM car_dm_stg.farm_dim;",
    )
    manifest = compile_tree(small, checks=[]).manifest
    assert manifest["tables"]["CAR_DM"]["FARM_DIM"]["requires"] == ["EDV.FARM_H"]
    assert manifest["tables"]["CAR_DM"]["FARM_SUMM"]["requires"] == ["CAR_DM.FARM_DIM"]
    assert manifest["groups"]["DM"] == [["FARM_DIM"], ["FARM_SUMM"]]
