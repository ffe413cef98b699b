"""`configs fix` as a shell sees it: it shows, asks, writes, and says what it left; nothing is written unasked."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import run_here

SCRIPT = "EDV/FARM_H/2_DV_INSERT.sql"
CLOCK = "WHERE DATE '2001-01-01' < CURRENT_DATE"
FILES = {
    "STG/FARM/initial/FARM.sql": "SELECT d.id AS farm_id FROM `fsa-{env}-cars`.`farm` AS d\n",
    "STG/FARM/incremental/FARM.sql": "SELECT d.id AS farm_id FROM `fsa-{env}-cars-cdc`.`farm` AS d\n",
    SCRIPT: (
        f"INSERT INTO edv.farm_h (farm_id)\nSELECT s.farm_id FROM cars_stg.farm AS s\n{CLOCK}\n"
        "ON CONFLICT DO NOTHING;\n"
    ),
    "DDL/CARS_STG/1_FARM.sql": "CREATE TABLE cars_stg.farm (farm_id bigint);\n",
    "DDL/EDV/1_FARM.sql": "CREATE TABLE edv.farm_h (farm_id bigint);\n",
    "metadata/stg_tables.csv": "tbl\nfarm\n",
    "metadata/dv_tables.csv": "etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\n",
    "metadata/dv_tbl_dpnds.csv": "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n",
    "metadata/dm_tables.csv": "etl_dm_tbl_id|dm_tbl_nm\n",
    "metadata/dm_tbl_dpnds.csv": "etl_dm_tbl_id|rqr_etl_dm_tbl_id\n",
    "metadata/external_tables.csv": "tbl\nfsa-{env}-cars.farm\nfsa-{env}-cars-cdc.farm\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A bare tree with a name in lower case and a use of the clock."""
    for name, text in FILES.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_text(text)
    return tmp_path / "tree"


def test_without_a_terminal_it_shows_the_difference_and_writes_nothing(tree: Path) -> None:
    done = run_here(["configs", "fix", str(tree)])
    assert done.code == 2
    assert "[clock] the clock to tokens of the run: 1 change in 1 file" in done.out
    assert f"-{CLOCK}\n+WHERE DATE '2001-01-01' < DATE '{{ETL_START_DATE}}'\n" in done.out
    assert "-farm\n+FARM\n" in done.out
    assert "nothing written; rerun with --yes" in done.err
    assert {name: (tree / name).read_text() for name in FILES} == FILES


@pytest.mark.parametrize("option", ["--write", "--yes"])
def test_what_is_written_leaves_nothing_for_a_second_run(tree: Path, option: str) -> None:
    done = run_here(["configs", "fix", str(tree), option])
    assert (done.code, done.err.splitlines()[-1]) == (0, "2 files written")
    assert "DATE '{ETL_START_DATE}'" in (tree / SCRIPT).read_text()
    again = run_here(["configs", "fix", str(tree)])
    assert again.code == 0
    assert "0 changes in 0 files" in again.err


def test_json_gives_bytes_that_make_the_fixed_file(tree: Path) -> None:
    done = run_here(["configs", "fix", str(tree), "--json"])
    assert done.code == 2
    found = json.loads(done.out)
    assert (found["changes"], found["written"]) == (2, [])
    edit = next(fix for fix in found["fixes"] if fix["kind"] == "clock")["edits"][0]
    before = (tree / SCRIPT).read_bytes()
    made = before[: edit["start"]] + edit["new"].encode() + before[edit["end"] :]
    assert json.loads(run_here(["configs", "fix", str(tree), "--json", "--yes"]).out)["written"]
    assert (tree / SCRIPT).read_bytes() == made


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2)])
def test_on_a_terminal_it_asks(tree: Path, answer: str, code: int) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [sys.executable, "-m", "deployer", "configs", "fix", str(tree)]
    done = subprocess.run(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, check=False, timeout=120
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == code
    assert "write these 2 changes to " in shown
    assert ("{ETL_START_DATE}" in (tree / SCRIPT).read_text()) == (answer == "y")


def test_a_folder_that_is_no_tree_is_refused_with_the_way_out(tmp_path: Path) -> None:
    done = run_here(["configs", "fix", str(tmp_path / "gone")])
    assert (done.code, done.out) == (1, "")
    assert "is not a directory; give the folder that holds STG/" in done.err
    assert "is no SQL tree" in run_here(["configs", "fix", str(tmp_path)]).err


def test_a_read_only_file_is_an_error_and_nothing_is_written(tree: Path) -> None:
    (tree / SCRIPT).chmod(0o444)
    done = run_here(["configs", "fix", str(tree), "--yes"])
    assert done.code == 1
    assert f"{tree / SCRIPT} is read-only; nothing was written" in done.err
    assert (tree / "metadata/stg_tables.csv").read_text() == "tbl\nfarm\n"
