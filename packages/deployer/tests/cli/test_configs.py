"""The commands under `configs` that compare, list, restore and prune, as a shell sees them."""

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.command_line import Commands, run_here
from support.config_releases import NOW, ago, put_release, put_switch, release, route
from support.running import create_machine, start
from support.sandbox import Sandbox

from deployer.cli.configs import publishing, releases
from deployer.config_release.publish import Route
from sql_tree.compiler.compile import compile_tree

HUB, DDL = "EDV/FARM_H/2_DV_INSERT.sql", "DDL/EDV/1_FARM.sql"
TREE = {
    "STG/FARM/initial/FARM.sql": "SELECT d.id AS farm_id FROM `fsa-{env}-cars`.`farm` AS d\n",
    "STG/FARM/incremental/FARM.sql": (
        "SELECT d.id AS farm_id FROM `fsa-{env}-cars-cdc`.`farm` AS d WHERE d.dart_filedate = '{ETL_START_DATE}'\n"
    ),
    HUB: "INSERT INTO edv.farm_h (farm_id) SELECT s.farm_id FROM cars_stg.farm AS s ON CONFLICT DO NOTHING;\n",
    "DDL/CARS_STG/1_FARM.sql": "CREATE TABLE IF NOT EXISTS cars_stg.farm (farm_id bigint);\n",
    DDL: "CREATE TABLE IF NOT EXISTS edv.farm_h (farm_id bigint);\n",
    "metadata/stg_tables.csv": "tbl\nFARM\n",
    "metadata/dv_tables.csv": "etl_dv_tbl_id|dv_tbl_nm\n1|FARM_H\n",
    "metadata/dv_tbl_dpnds.csv": "etl_dv_tbl_id|rqr_etl_dv_tbl_id\n",
    "metadata/dm_tables.csv": "etl_dm_tbl_id|dm_tbl_nm\n",
    "metadata/dm_tbl_dpnds.csv": "etl_dm_tbl_id|rqr_etl_dm_tbl_id\n",
    "metadata/external_tables.csv": "tbl\nfsa-{env}-cars.farm\nfsa-{env}-cars-cdc.farm\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree."""
    root = tmp_path / "tree"
    for name, text in TREE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def way(sandbox: Sandbox, tmp_path: Path) -> Route:
    return route(sandbox, tmp_path / "records")


@pytest.fixture
def published(way: Route, tree: Path) -> str:
    """The release of the tree, which came into force a day ago."""
    compiled = compile_tree(tree)
    put_release(way, compiled, at=ago(days=1))
    return compiled.release


def edit(tree: Path, name: str, old: str, new: str) -> None:
    text = (tree / name).read_text()
    assert old in text
    (tree / name).write_text(text.replace(old, new))


def test_the_local_tree_is_compared_with_the_live_release(
    commands: Commands, published: str, tree: Path
) -> None:
    out, _ = commands("configs", "diff", "cert", "--source", str(tree))
    assert out == f"live {published} -> tree {tree} {published}\nno difference\n"
    edit(tree, "STG/FARM/initial/FARM.sql", "d.id", "d.nbr")
    edit(tree, DDL, "bigint", "integer")
    changed = compile_tree(tree).release
    out, _ = commands("configs", "diff", "cert", "--source", str(tree), code=2)
    assert out.splitlines() == [
        f"live {published} -> tree {tree} {changed}",
        "files: 2 changed",
        "  ~ DDL/EDV/1_FARM.sql         EDV.FARM_H (DDL)  +1 -1",
        "  ~ STG/FARM/initial/FARM.sql  STG.FARM (initial)  +1 -1",
        "tables: 2 changed, 0 downstream",
        "    EDV.FARM_H",
        "    STG.FARM",
        "note: a run does not execute DDL: start the Glue job with --layer DDL --table_name EDV",
    ]


def test_two_releases_are_compared_by_the_beginning_of_their_digests(
    commands: Commands, way: Route, published: str, tree: Path
) -> None:
    edit(tree, HUB, "ON CONFLICT", "WHERE s.farm_id > 0 ON CONFLICT")
    newer = compile_tree(tree)
    put_release(way, newer, at=NOW)
    out, _ = commands("configs", "diff", "cert", published[:6], newer.release[:6], "--patch", code=2)
    assert f"{published} -> {newer.release}\n" in out
    assert f"--- a/{HUB}\n+++ b/{HUB}\n" in out
    assert "\n+INSERT INTO edv.farm_h (farm_id) SELECT s.farm_id FROM cars_stg.farm AS s WHERE" in out
    words = ("configs", "diff", "cert", "previous", "live", "--json")
    found = json.loads(commands(*words, code=2)[0])
    assert (found["old"], found["new"]) == (
        {"label": "previous", "release": published},
        {"label": "live", "release": newer.release},
    )
    assert found["files"] == [
        {
            "path": HUB,
            "change": "changed",
            "tables": ["EDV.FARM_H"],
            "runType": None,
            "added": 1,
            "removed": 1,
            "lineEndingsOnly": False,
        }
    ]
    assert (found["changed"], found["downstream"]) == (["EDV.FARM_H"], [])
    assert commands("configs", "diff", "cert", "live", newer.release)[0].endswith("no difference\n")


def test_new_tables_order_and_lineage_of_two_folders_are_shown_without_aws(
    tree: Path, tmp_path: Path
) -> None:
    other = Path(shutil.copytree(tree, tmp_path / "other"))
    new = "EDV/FARM_HS/2_DV_INSERT.sql"
    (other / new).parent.mkdir()
    (other / new).write_text(
        "INSERT INTO edv.farm_hs (farm_id) SELECT h.farm_id FROM edv.farm_h AS h ON CONFLICT DO NOTHING;\n"
    )
    (other / "DDL/EDV/2_FARM.sql").write_text("CREATE TABLE IF NOT EXISTS edv.farm_hs (farm_id bigint);\n")
    edit(other, "metadata/dv_tables.csv", "1|FARM_H\n", "1|FARM_H\n2|FARM_HS\n")
    edit(other, "metadata/dv_tbl_dpnds.csv", "tbl_id\n", "tbl_id\n2|1\n")
    edit(other, "STG/FARM/initial/FARM.sql", "d.id", "d.nbr")
    done = run_here(["configs", "diff", "local", str(tree), str(other)])
    assert done.code == 2, done
    shown = done.out.splitlines()[1:]
    assert shown[0] == "files: 2 added, 3 changed"
    assert shown[shown.index("a run loads") :] == [
        "a run loads",
        "  + EDV.FARM_HS",
        "lineage",
        "  + EDV.FARM_HS reads EDV.FARM_H",
        "tables: 2 changed, 1 downstream",
        "    EDV.FARM_HS",
        "    STG.FARM",
        "  level 1",
        "    EDV.FARM_H  reads STG.FARM",
        "note: a run does not execute DDL: start the Glue job with --layer DDL --table_name EDV",
    ]


def test_only_files_that_differ_are_read(commands: Commands, way: Route, published: str, tree: Path) -> None:
    edit(tree, HUB, "ON CONFLICT", "WHERE s.farm_id > 0 ON CONFLICT")
    put_release(way, compile_tree(tree), at=NOW)
    read: list[str] = []
    original = type(way.store).read

    def reading(store: Any, name: str, file: str) -> bytes:
        read.append(file)
        return original(store, name, file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(way.store), "read", reading)
        commands("configs", "diff", "cert", "previous", "live", code=2)
    assert read == [HUB, HUB]


def test_a_side_that_cannot_be_compared_is_named(
    commands: Commands, way: Route, published: str, tree: Path
) -> None:
    for words, message in {
        ("beef",): f"no release begins with 'beef'; there are: {published}",
        ("previous",): "no release was in force before the current one",
        ("live", "./nowhere"): "the source directory is not a directory: ",
    }.items():
        _, err = commands("configs", "diff", "cert", *words, "--source", str(tree), code=1)
        assert message in err
    key = f"{way.store.release_prefix(published)}manifest.json"
    way.store.s3.put_object(Bucket=way.store.bucket, Key=key, Body=b'{"version": 7}')
    _, err = commands("configs", "diff", "cert", "--source", str(tree), code=1)
    assert f"{key} has version 7, this program reads version 1; use the program that pushed it" in err


@pytest.fixture
def running(sandbox: Sandbox) -> Iterator[str]:
    """The name of an execution that is pinned to aa11."""
    arn = start(
        sandbox.client, create_machine(sandbox.client, sandbox.name("CARS-EDV-Pipeline"), "aa11"), "of-today"
    )
    yield "of-today"
    sandbox.client("stepfunctions").stop_execution(executionArn=arn)


def test_releases_are_listed_restored_and_pruned_while_an_execution_keeps_its_own(
    commands: Commands, way: Route, running: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no config release yet" in commands("configs", "releases", "cert")[0]
    for days, name in ((9, "aa11"), (8, "bb22"), (7, "cc33"), (6, "dd44")):
        put_release(way, release(name), at=ago(days=days))
    out, err = commands("configs", "rollback", "cert")
    assert (out, err) == ("release cc33 is current (was dd44)\n", "")
    listed = json.loads(commands("configs", "releases", "cert", "--json")[0])
    assert [(item["release"], item["live"], item["pinnedBy"]) for item in listed] == [
        ("cc33", True, []),
        ("dd44", False, []),
        ("bb22", False, []),
        ("aa11", False, [running]),
    ]
    last = listed[0]["switches"][-1]
    assert (last["how"], last["commit"]) == ("rollback", "commit-of-cc33")
    assert last["by"].startswith("user ")
    lines = commands("configs", "releases", "cert")[0].splitlines()
    assert lines[0].startswith("cc33  live  ")
    assert lines[-1].endswith(f"3 files, 0 tables; commit commit-of-aa11; running: {running}")
    later = NOW + timedelta(days=1)  # what the endpoint has written is old enough then
    for module in (publishing, releases):
        monkeypatch.setattr(module, "now", lambda: later)
    out, _ = commands("configs", "prune", "cert", "--keep", "1", "--dry-run")
    assert out == "release bb22 would be pruned: not among the last 1, 4 objects\n"
    assert json.loads(commands("configs", "prune", "cert", "--keep", "1", "--json")[0]) == {
        "dryRun": False,
        "pruned": [{"release": "bb22", "why": "not among the last 1"}],
    }
    assert commands("configs", "prune", "cert", "--keep", "1")[0] == "nothing to prune\n"
    _, err = commands("configs", "rollback", "cert", "bb22", code=1)
    assert "release bb22 was pruned; check out commit commit-of-bb22 and push it again" in err
    put_switch(way, "aa11", later)
    assert commands("configs", "rollback", "cert", "aa11")[0] == "release aa11 is current already\n"
