"""Tasks of noxfile.py end with one message when something is wrong with the repository or a tool."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from monorepo.packages import ROOT
from monorepo.tools import HOME, run, tool

PYPROJECT = """
[project]
name = "lambda-new"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = []
[tool.poetry]
packages = [{ include = "new", from = "src" }]
[tool.poetry.group.dev.dependencies]
[build-system]
requires = ["poetry-core==2.5.0"]
build-backend = "poetry.core.masonry.api"
"""


@pytest.fixture(scope="module")
def lock(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What Poetry makes of the pyproject; without dependencies it needs no network."""
    home = tmp_path_factory.mktemp("lock")
    (home / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    run(tool("poetry"), "lock", "--quiet", "--no-interaction", cwd=home)
    return (home / "poetry.lock").read_text(encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path, lock: str) -> Path:
    """The repository with one package of another name, and the tools of this one."""
    shutil.copy(ROOT / "noxfile.py", tmp_path)
    shutil.copytree(
        ROOT / "ci", tmp_path / "ci", ignore=shutil.ignore_patterns("tests", "jenkins", "__pycache__")
    )
    (tmp_path / ".nox").mkdir()
    (tmp_path / ".nox" / "tools").symlink_to(HOME)
    home = tmp_path / "packages" / "lambda-new"
    (home / "src" / "new").mkdir(parents=True)
    (home / "src" / "new" / "__init__.py").touch()
    (home / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (home / "README.md").touch()
    (home / "poetry.lock").write_text(lock, encoding="utf-8")
    return tmp_path


def nox(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    unreachable = {"UV_OFFLINE": "1", "UV_NO_CACHE": "1"}
    return subprocess.run(
        [tool("nox"), "-s", *words],
        cwd=tree,
        env={**os.environ, **unreachable},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("task", ["test", "build"])
def test_a_package_that_cannot_be_installed_is_one_message_with_the_way_out(tree: Path, task: str) -> None:
    done = nox(tree, task, *(["--", "--package"] if task == "build" else ["--"]), "lambda-new")
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "Traceback" not in said
    assert "lambda-new cannot be installed: " in said
    assert "poetry-core" in said
    assert "what packages/lambda-new asks for must be in a package index that answers" in said


def test_a_lock_that_is_missing_or_old_is_one_message_with_the_way_out(tree: Path) -> None:
    home = tree / "packages" / "lambda-new"
    text = PYPROJECT.replace("dependencies = []", 'dependencies = ["msgspec==0.22.0"]')
    (home / "pyproject.toml").write_text(text, encoding="utf-8")
    old = nox(tree, "test", "--", "lambda-new")
    assert "Run `poetry lock` to fix the lock file" in old.stdout
    (home / "poetry.lock").unlink()
    missing = nox(tree, "types", "--", "lambda-new")
    assert (
        "lambda-new has no poetry.lock; make one with `poetry lock` in packages/lambda-new" in missing.stdout
    )
    assert "Traceback" not in old.stdout + old.stderr + missing.stdout + missing.stderr


@pytest.mark.parametrize("task", ["drift", "local"])
def test_a_package_that_a_task_needs_and_that_is_not_there_is_one_message(tree: Path, task: str) -> None:
    shutil.rmtree(tree / "packages" / "lambda-new")
    done = nox(tree, task)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "no package is called" in done.stderr
