"""Tests and types of each package in its own environment; `ci` is the build code's name among theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from monorepo.environments import python_of, shell_environment
from monorepo.packages import ROOT, Package, chosen, every_package
from monorepo.side_by_side import Command, Done, run_all
from monorepo.tools import clean_environment, tool

JUNIT = ROOT / "build" / "junit"
CI = "ci"
_MYPY = ("-m", "mypy", "--strict")
# hypothesis takes the same examples each time; `--hypothesis-profile=default` looks for new ones
_DETERMINISTIC = {"CI": "true"}


def known_names() -> list[str]:
    """What `nox -s test --` and `nox -s types --` take."""
    return [*(package.name for package in every_package()), CI]


def split_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Package names up to the first argument that is for pytest (an option, a file or a test), and the rest."""
    for index, word in enumerate(arguments):
        if word.startswith("-") or "::" in word or "/" in word or word.endswith(".py"):
            return list(arguments[:index]), list(arguments[index:])
    return list(arguments), []


def run_tests(names: Sequence[str], pytest_arguments: Sequence[str]) -> list[Done]:
    """pytest for the named packages, all of them without a name; one JUnit file each."""

    def of_package(package: Package) -> Command:
        words = [python_of(package), *_pytest(package.name, pytest_arguments)]
        return Command(words, package.path, {**_DETERMINISTIC, **shell_environment(package)})

    def of_ci() -> Command:
        words = [tool("python"), *_pytest(CI, pytest_arguments)]
        return Command(words, ROOT / "ci", {**_DETERMINISTIC, **clean_environment()})

    JUNIT.mkdir(parents=True, exist_ok=True)
    return run_all(_commands(names, of_package, of_ci))


def check_types(names: Sequence[str]) -> list[Done]:
    """mypy for the named packages, all of them without a name."""

    def of_package(package: Package) -> Command:
        return Command([python_of(package), *_MYPY], package.path, clean_environment())

    def of_ci() -> Command:
        words = [tool("python"), *_MYPY, "--config-file=ci/mypy.ini", "ci"]
        return Command(words, ROOT, clean_environment())

    return run_all(_commands(names, of_package, of_ci))


def _commands(
    names: Sequence[str], of_package: Callable[[Package], Command], of_ci: Callable[[], Command]
) -> dict[str, Callable[[], Command]]:
    wanted = [name for name in names if name != CI]
    packages = chosen(wanted) if wanted or not names else []
    commands: dict[str, Callable[[], Command]] = {
        package.name: partial(of_package, package) for package in packages
    }
    return commands | ({CI: of_ci} if CI in names or not names else {})


def _pytest(name: str, arguments: Sequence[str]) -> list[str]:
    return ["-m", "pytest", f"--junitxml={JUNIT / name}.xml", *arguments]
