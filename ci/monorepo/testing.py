"""Runs each package's tests in its own environment, two packages at a time, with one JUnit file per package."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from monorepo.environments import python_of, shell_environment
from monorepo.packages import ROOT, Package, chosen, every_package
from monorepo.tools import clean_environment, tool

AT_ONCE = min(2, os.cpu_count() or 1)
JUNIT = ROOT / "build" / "junit"
CI = "ci"


@dataclass(frozen=True)
class TestRun:
    """What pytest did for one package: its output is kept only when it did not run in the open."""

    __test__ = False

    name: str
    code: int
    seconds: float
    output: str

    @property
    def last_line(self) -> str:
        lines = self.output.strip().splitlines()
        return lines[-1].strip("= ") if lines else ""


def split_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Package names up to the first argument that is for pytest (an option, a file or a test), and the rest."""
    for index, word in enumerate(arguments):
        if word.startswith("-") or "::" in word or "/" in word or word.endswith(".py"):
            return list(arguments[:index]), list(arguments[index:])
    return list(arguments), []


def run_tests(names: Sequence[str], pytest_arguments: Sequence[str]) -> list[TestRun]:
    """Tests of the named packages (`ci` is the build code's), all of them without a name."""
    wanted = [name for name in names if name != CI]
    packages: list[Package] = chosen(wanted) if wanted or not names else []
    commands = {package.name: _command(package) for package in packages}
    if CI in names or not names:
        commands[CI] = ([tool("python"), "-m", "pytest"], ROOT / "ci", clean_environment())
    if len(commands) == 1:
        return [_run(name, command, pytest_arguments, capture=False) for name, command in commands.items()]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = [
            pool.submit(_run, name, command, pytest_arguments, capture=True)
            for name, command in commands.items()
        ]
        return [run.result() for run in runs]


def known_names() -> list[str]:
    """What `nox -s test --` takes."""
    return [*(package.name for package in every_package()), CI]


# hypothesis takes the same examples each time; `--hypothesis-profile=default` looks for new ones
DETERMINISTIC = {"CI": "true"}
Command = tuple[list[str], Path, dict[str, str]]


def _command(package: Package) -> Command:
    return [python_of(package), "-m", "pytest"], package.path, shell_environment(package)


def _run(name: str, command: Command, arguments: Sequence[str], *, capture: bool) -> TestRun:
    words, folder, variables = command
    JUNIT.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    done = subprocess.run(
        [*words, f"--junitxml={JUNIT / name}.xml", *arguments],
        cwd=folder,
        env={**DETERMINISTIC, **variables},
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.STDOUT if capture else None,
        text=True,
    )
    result = TestRun(name, done.returncode, time.monotonic() - started, done.stdout or "")
    if capture:
        _show(result)
    return result


def _show(result: TestRun) -> None:
    text = f"\n{result.name}: {result.last_line} ({result.seconds:.0f} s)"
    if result.code:
        text = f"\n{'=' * 20} {result.name} {'=' * 20}\n{result.output}"
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
