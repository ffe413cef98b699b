"""The commands under `configs` on a tree that cannot be released: one message, exit code 1, nothing sent."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deployer.environment_file.repository import repository_root

FARM = "STG/ACRSI_FARM/incremental/ACRSI_FARM.sql"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the committed tree, free to be changed by the test."""
    return Path(shutil.copytree(repository_root() / "car_configs", tmp_path / "tree"))


def configs(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deployer", "configs", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )


def test_a_function_that_the_glue_job_does_not_allow_fails_the_command(tree: Path) -> None:
    text = (tree / FARM).read_text(encoding="utf-8")
    (tree / FARM).write_text(text.replace("'' AS hash_diff", "soundex('') AS hash_diff"), encoding="utf-8")
    done = configs("check", "local", "--source", str(tree))
    assert done.returncode == 1
    assert f"error: {tree} does not compile, 1 problem, 3 waived:" in done.stderr
    assert re.search(
        rf"{FARM}:\d+: function SOUNDEX is not on the list of constructs proven equal", done.stderr
    )
    assert "Traceback" not in done.stderr


def test_findings_are_json_also_on_failure_and_sarif(tree: Path, tmp_path: Path) -> None:
    text = (tree / FARM).read_text(encoding="utf-8")
    (tree / FARM).write_text(text.replace("'' AS hash_diff", "soundex('') AS hash_diff"), encoding="utf-8")
    sarif = tmp_path / "found.sarif"
    done = configs("check", "local", "--source", str(tree), "--json", "--sarif", str(sarif))
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["kinds"]) == (1, False, {"staging-refused": 1})
    (result,) = [
        entry for entry in json.loads(sarif.read_text())["runs"][0]["results"] if entry["level"] == "error"
    ]
    assert result["ruleId"] == "staging-refused"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == FARM


def test_a_warning_does_not_fail_the_check_and_a_tree_without_model_compiles(tree: Path) -> None:
    shutil.rmtree(tree / "metadata/model")
    (tree / "metadata/waivers.csv").unlink()
    (tree / "metadata/external_tables.csv").unlink()
    done = configs("check", "local", "--source", str(tree), "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["kinds"]) == (0, True, {"outside-id": 3})
    counts = {layer: len(list((tree / layer).iterdir())) for layer in ("STG", "EDV", "DDL")}
    assert found["tables"] == counts


def test_a_folder_is_checked_without_an_environment(tree: Path, tmp_path: Path) -> None:
    for folder in ("metadata/model", "DDL"):
        shutil.rmtree(tree / folder)
    (tree / "metadata/waivers.csv").unlink()
    manifest = tmp_path / "manifest.json"
    done = configs("check", str(tree), "--manifest", str(manifest))
    assert (done.returncode, done.stdout.startswith("release ")) == (0, True)
    assert "note: the tree has no DDL/CARS_STG" in done.stderr
    described = json.loads(manifest.read_text())
    assert described["release"] in done.stdout
    assert described["tables"]["STG"]["TR"]["writes"] == ["cars_stg.tr"]


def test_a_folder_that_does_not_exist_is_one_message(tmp_path: Path) -> None:
    done = configs("check", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert (
        f"is not a directory: {tmp_path / 'nowhere'}; name the folder that holds STG/"
        in done.stderr.replace("\n", "")
    )


def test_a_model_with_a_problem_is_one_message(tree: Path) -> None:
    (tree / "metadata/model/vault.yaml").unlink()
    done = configs("render", "--check", "--source", str(tree))
    assert (done.returncode, done.stdout) == (1, "")
    assert "vault.yaml is missing; the model is sources.yaml, staging.yaml, vault.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stale_tree_fails_the_check_and_names_the_file(tree: Path) -> None:
    (tree / FARM).write_text("SELECT 1", encoding="utf-8")
    done = configs("render", "--check", "--source", str(tree))
    assert (done.returncode, done.stdout) == (1, f"{FARM} differs from what the model renders\n")


def test_commands_start_without_the_sql_parser() -> None:
    """Its import would delay every command that compiles nothing."""
    program = "import sys, deployer.cli.app; print({'sqlglot', 'yaml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
