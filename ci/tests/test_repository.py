"""Rules of the whole repository: packages are complete, versions agree, a package depends on what it may import."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from monorepo.arrows import allowed
from monorepo.checking import EXHAUSTIVE, SPARK
from monorepo.packages import PACKAGES, Package, every_package

NAMES = {package.name for package in every_package()}

each_package = pytest.mark.parametrize("package", every_package(), ids=lambda package: package.name)


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_every_folder_with_code_is_a_package() -> None:
    with_code = {path.relative_to(PACKAGES).parts[0] for path in PACKAGES.glob("*/*/**/*.py")}
    assert with_code == NAMES


@each_package
def test_script_imports_only_what_its_package_may(package: Package) -> None:
    """A script lies in no package, where import-linter does not see it."""
    ours = {one.import_name for one in every_package()}
    may = {package.import_name, *(one.import_name for one in allowed(package))}
    files = (package.path / "script").rglob("*.py")
    assert {name for file in files for name in _imports(file) if name in ours - may} == set()


@each_package
def test_package_has_readme_changelog_lock_and_tests(package: Package) -> None:
    for name in ("README.md", "CHANGELOG.md", "poetry.lock"):
        assert (package.path / name).is_file(), f"{package.name}/{name} is missing"
    assert list(package.path.glob("tests/**/test_*.py")), f"{package.name} has no tests"
    assert (package.path / "src" / package.import_name / "__init__.py").is_file()


@each_package
def test_name_and_version_agree_with_the_changelog(package: Package) -> None:
    assert package.pyproject["project"]["name"] == package.name
    changelog = (package.path / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert newest, f"{package.name}/CHANGELOG.md has no version heading"
    assert newest[1] == package.version


@each_package
def test_local_dependencies_are_named_in_both_tables_and_may_be_imported(package: Package) -> None:
    """Named only under [tool.poetry.dependencies], Poetry leaves it out of lock and wheel."""
    tables = package.pyproject["tool"]["poetry"].get("dependencies", {})
    local = {name for name, value in tables.items() if "path" in value}
    named = {item for item in package.pyproject["project"]["dependencies"] if item in NAMES}
    assert local == named
    assert package.local_dependencies() == allowed(package)


@each_package
def test_third_party_dependencies_are_pinned_exactly(package: Package) -> None:
    for item in package.pyproject["project"]["dependencies"]:
        assert item in NAMES or re.fullmatch(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+( *;.*)?", item), item


def test_packages_agree_on_the_versions_they_pin() -> None:
    pins: dict[str, dict[str, set[str]]] = {}
    for package in every_package():
        for item in package.pyproject["project"]["dependencies"]:
            name, _, version = item.partition(";")[0].strip().partition("==")
            if version:
                plain = re.sub(r"\[.*\]", "", name).lower()
                pins.setdefault(plain, {}).setdefault(package.name, set()).add(version)
    # A package may pin one version per Python; two packages must still have one in common.
    at_odds = {
        name: by_package for name, by_package in pins.items() if not set.intersection(*by_package.values())
    }
    assert at_odds == {}


@each_package
def test_lock_names_no_host(package: Package) -> None:
    lock = tomllib.loads(package.lock.read_text("utf-8"))
    sources = [entry["source"] for entry in lock["package"] if "source" in entry]
    assert [source for source in sources if source["type"] != "directory"] == []


@each_package
@pytest.mark.parametrize("marker", [EXHAUSTIVE, SPARK])
def test_tests_of_other_sessions_have_their_marker_registered(package: Package, marker: str) -> None:
    """`nox -s exhaustive` and `nox -s spark` run the packages that register it."""
    texts = [file.read_text("utf-8") for file in (package.path / "tests").rglob("*.py")]
    marked = any(f"mark.{marker}" in text for text in texts)
    assert marked == (marker in package.markers)
