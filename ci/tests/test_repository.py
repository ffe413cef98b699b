"""Rules of the whole repository: imports point one way, packages are complete, versions agree."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monorepo.packages import PACKAGES

IMPORT_NAMES = {
    "lambda-download-zip": "download_zip",
    "lambda-upload-config": "upload_config",
    "lambda-edv-build-processing-plan": "edv_build_processing_plan",
    "lambda-edv-check-results": "edv_check_results",
    "lambda-edv-finalize-pipeline": "edv_finalize_pipeline",
    "lambda-edv-handle-failure": "edv_handle_failure",
    "glue-datamart-exec": "datamart_exec",
    "statemachine": "statemachine",
    "deployer": "deployer",
    "stepfunctions-local-test": "stepfunctions_local_test",
    "process-control": "process_control",
    "sql-tree": "sql_tree",
}
MAY_IMPORT = {
    "deployer": {"sql_tree", "statemachine"},
    "glue-datamart-exec": {"process_control"},
    "lambda-edv-check-results": {"process_control"},
    "lambda-edv-finalize-pipeline": {"process_control"},
    "lambda-edv-handle-failure": {"process_control"},
}

each_package = pytest.mark.parametrize("package", sorted(IMPORT_NAMES))


def _project(package: str) -> dict[str, Any]:
    return tomllib.loads((PACKAGES / package / "pyproject.toml").read_text("utf-8"))


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_every_folder_is_a_known_package() -> None:
    assert {path.parent.name for path in PACKAGES.glob("*/pyproject.toml")} == set(IMPORT_NAMES)


@each_package
def test_imports_point_one_way(package: str) -> None:
    ours = set(IMPORT_NAMES.values())
    allowed = MAY_IMPORT.get(package, set()) | {IMPORT_NAMES[package]}
    files = [*(PACKAGES / package / "src").rglob("*.py"), *(PACKAGES / package / "script").rglob("*.py")]
    assert files
    wrong = {f"{file.name}: {name}" for file in files for name in _imports(file) if name in ours - allowed}
    assert wrong == set()


@each_package
def test_package_has_readme_changelog_lock_and_tests(package: str) -> None:
    folder = PACKAGES / package
    for name in ("README.md", "CHANGELOG.md", "poetry.lock"):
        assert (folder / name).is_file(), f"{package}/{name} is missing"
    assert list(folder.glob("tests/**/test_*.py")), f"{package} has no tests"
    assert (folder / "src" / IMPORT_NAMES[package] / "__init__.py").is_file()


@each_package
def test_name_and_version_agree_with_the_changelog(package: str) -> None:
    project = _project(package)["project"]
    assert project["name"] == package
    changelog = (PACKAGES / package / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest, f"{package}/CHANGELOG.md has no version heading"
    assert newest[1] == project["version"]


@each_package
def test_local_dependencies_are_named_in_both_tables(package: str) -> None:
    found = _project(package)
    local = {
        name for name, value in found["tool"]["poetry"].get("dependencies", {}).items() if "path" in value
    }
    named = {item for item in found["project"]["dependencies"] if item in IMPORT_NAMES}
    assert local == named
    assert {IMPORT_NAMES[name] for name in named} <= MAY_IMPORT.get(package, set())


@each_package
def test_third_party_dependencies_are_pinned_exactly(package: str) -> None:
    for item in _project(package)["project"]["dependencies"]:
        assert item in IMPORT_NAMES or re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+( *;.*)?", item), item


def test_packages_agree_on_the_versions_they_pin() -> None:
    pins: dict[str, dict[str, set[str]]] = {}
    for package in IMPORT_NAMES:
        for item in _project(package)["project"]["dependencies"]:
            name, _, version = item.partition(";")[0].strip().partition("==")
            if version:
                plain = re.sub(r"\[.*\]", "", name).lower()
                pins.setdefault(plain, {}).setdefault(package, set()).add(version)
    # A package may pin one version per Python; two packages must still have one in common.
    at_odds = {
        name: by_package for name, by_package in pins.items() if not set.intersection(*by_package.values())
    }
    assert at_odds == {}


@each_package
def test_lock_names_no_host(package: str) -> None:
    lock = tomllib.loads((PACKAGES / package / "poetry.lock").read_text("utf-8"))
    sources = [entry["source"] for entry in lock["package"] if "source" in entry]
    assert [source for source in sources if source["type"] != "directory"] == []
