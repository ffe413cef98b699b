"""The repository as its tasks see it."""

from __future__ import annotations

import ast
import re

import pytest

from monorepo import checking, environments
from monorepo.packages import ROOT, MonorepoError, chosen, every_package, named

TWELVE = [
    "deployer",
    "glue-datamart-exec",
    "lambda-download-zip",
    "lambda-edv-build-processing-plan",
    "lambda-edv-check-results",
    "lambda-edv-finalize-pipeline",
    "lambda-edv-handle-failure",
    "lambda-upload-config",
    "process-control",
    "sql-tree",
    "statemachine",
    "stepfunctions-local-test",
]


def test_there_are_twelve_packages_each_with_what_a_package_needs() -> None:
    assert [package.name for package in every_package()] == TWELVE
    for package in every_package():
        for name in ("README.md", "CHANGELOG.md", "poetry.lock", "src", "tests"):
            assert (package.path / name).exists(), f"{package.name} has no {name}"
        changes = (package.path / "CHANGELOG.md").read_text(encoding="utf-8")
        assert package.version in changes, f"{package.name} {package.version} is not in its changelog"


def test_an_unknown_package_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(
        MonorepoError, match=r"no package is called lambda-nope; known ones: deployer, .*statemachine"
    ):
        chosen(["deployer", "lambda-nope"])


def test_the_six_lambdas_name_a_handler_in_their_own_package() -> None:
    found = {package.name: package.lambda_settings for package in every_package() if package.lambda_settings}
    assert len(found) == 6
    for name, settings in found.items():
        assert settings["handler"] == f"{named(name).import_name}.handler.handler"


def test_a_local_dependency_is_named_in_both_tables() -> None:
    """Named only under [tool.poetry.dependencies], Poetry leaves it out of lock and wheel."""
    for package in every_package():
        for local in package.local_dependencies():
            assert local.name in package.pyproject["project"]["dependencies"], (
                f"{package.name} -> {local.name}"
            )


def test_every_third_party_dependency_is_pinned_exactly() -> None:
    for package in every_package():
        locals_ = {local.name for local in package.local_dependencies()}
        for line in package.pyproject["project"]["dependencies"]:
            assert "==" in line or line in locals_, f"{package.name}: {line}"


def test_no_lock_names_where_its_packages_were_fetched_from() -> None:
    for package in every_package():
        assert '[package.source]\ntype = "legacy"' not in package.lock.read_text(encoding="utf-8"), (
            package.name
        )


def test_local_packages_are_left_out_of_exported_requirements() -> None:
    exported = (
        "msgspec==0.22.0 \\\n    --hash=sha256:aa\n"
        "process-control @ file:///somewhere/process-control ; python_version >= '3.11'\n"
        "-e file:///somewhere/else\n"
        "psycopg==3.3.9 \\\n    --hash=sha256:bb\n"
    )
    assert environments._third_party(exported) == (
        "msgspec==0.22.0 \\\n    --hash=sha256:aa\npsycopg==3.3.9 \\\n    --hash=sha256:bb\n"
    )


@pytest.mark.parametrize(
    ("arguments", "names", "rest"),
    [
        ([], [], []),
        (["deployer"], ["deployer"], []),
        (["deployer", "ci", "-k", "plan"], ["deployer", "ci"], ["-k", "plan"]),
        (["deployer", "tests/test_plan.py::test_x"], ["deployer"], ["tests/test_plan.py::test_x"]),
        (["-x"], [], ["-x"]),
    ],
)
def test_package_names_come_before_pytest_arguments(
    arguments: list[str], names: list[str], rest: list[str]
) -> None:
    assert checking.split_arguments(arguments) == (names, rest)


def test_every_session_says_in_one_line_what_it_does() -> None:
    module = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    sessions = {
        node.name: ast.get_docstring(node)
        for node in module.body
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(d) == "nox.session" for d in node.decorator_list)
    }
    assert {"lint", "types", "test", "local", "deploy"} <= sessions.keys()
    for name, text in sessions.items():
        assert text is not None, name
        assert text.endswith("."), name
        assert "\n" not in text, name


def test_the_readme_lists_every_session() -> None:
    module = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    sessions = {
        node.name for node in module.body if isinstance(node, ast.FunctionDef) and node.decorator_list
    }
    listed = re.findall(
        r"^\| `nox -s ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sessions - set(listed) == set(), "sessions that README.md does not list under 'All tasks'"
    assert set(listed) - sessions == set(), "tasks of README.md that noxfile.py does not have"
