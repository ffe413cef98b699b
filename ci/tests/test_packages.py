"""The repository as its tasks see it."""

from __future__ import annotations

import re

import pytest

from monorepo import checking, environments
from monorepo.packages import ROOT, MonorepoError, chosen, every_package

from .tasks import tasks


def test_an_unknown_package_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(
        MonorepoError, match=r"no package is called lambda-nope; known ones: .*deployer, .*statemachine"
    ):
        chosen(["deployer", "lambda-nope"])


def test_every_lambda_names_a_handler_in_its_own_package() -> None:
    lambdas = [package for package in every_package() if package.name.startswith("lambda-")]
    assert lambdas == [package for package in every_package() if package.lambda_settings]
    assert lambdas
    for package in lambdas:
        assert package.lambda_settings is not None
        assert package.lambda_settings["handler"] == f"{package.import_name}.handler.handler"


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


def test_every_task_says_in_one_line_what_it_does() -> None:
    assert {"lint", "types", "test", "local", "deploy"} <= tasks().keys()
    for name, text in tasks().items():
        assert text is not None, name
        assert text.endswith("."), name
        assert "\n" not in text, name


def test_the_readme_lists_every_task() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `nox -s ([a-z]+)", readme, re.MULTILINE))
    assert tasks().keys() - listed == set(), "tasks that README.md does not list under 'All tasks'"
    assert listed - tasks().keys() == set(), "tasks of README.md that noxfile.py does not have"
