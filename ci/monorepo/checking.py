"""Tests and types of each package in its own environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from monorepo.environments import python_of, shell_environment
from monorepo.packages import CI, ROOT, chosen, every_package, named
from monorepo.results import Result, read
from monorepo.side_by_side import Command, Done, run_all
from monorepo.tools import clean_environment, tool

JUNIT = ROOT / "build" / "junit"
_MYPY = ("-m", "mypy", "--strict")
_BYTES_A_SECOND = 2_000  # of test code; only the order of packages follows from it
_OF_EVERY_TEST = ("-q", "-v", "-vv", "-s", "--quiet", "--verbose")  # pytest options that leave out no test
EXHAUSTIVE = "exhaustive"  # the marker of tests that try every case; they have a session of their own
SPARK = "spark"  # the marker of tests that need Spark, and the group of dependencies that has it
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


def run_tests(names: Sequence[str], pytest_arguments: Sequence[str]) -> list[Result]:
    """pytest for the named packages, all of them without a name, but for exhaustive tests; one JUnit file each."""
    arguments = [*_without_exhaustive(pytest_arguments), *pytest_arguments]
    results = _run_pytest(dict.fromkeys(names or known_names(), arguments))
    if all(word in _OF_EVERY_TEST for word in pytest_arguments):
        for result in results:
            _keep_seconds(result)
    return results


def run_exhaustive(names: Sequence[str], pytest_arguments: Sequence[str]) -> list[Result]:
    """Only the exhaustive tests, of the packages that register the marker."""
    marked = [package.name for package in chosen(names) if EXHAUSTIVE in package.markers]
    arguments = ["-m", EXHAUSTIVE, *pytest_arguments]
    return _run_pytest(dict.fromkeys(marked, arguments), suffix=f".{EXHAUSTIVE}")


def run_spark(files: int, seed: int, pytest_arguments: Sequence[str]) -> list[Result]:
    """Only the tests that need Spark, in environments that have it; about so many random files, from this seed."""
    marked = [package.name for package in every_package() if SPARK in package.markers]
    # the profile of CI would take the same examples whatever the seed
    random = ["--hypothesis-profile=default", f"--hypothesis-seed={seed}"]
    return _run_pytest(
        {name: ["-m", SPARK, *random, *pytest_arguments] for name in marked},
        suffix=f".{SPARK}",
        groups=("dev", SPARK),
        variables={"SPARK_FILES": str(files)},
    )


def run_skipped(names: Sequence[str], pytest_arguments: Sequence[str]) -> list[Result]:
    """Once more the tests that the last run skipped, for example now with a container engine."""
    arguments = {
        name: [*(case.id for case in read(junit_file(name)) if case.outcome == "skipped"), *pytest_arguments]
        for name in names or known_names()
    }
    skipped = {name: words for name, words in arguments.items() if len(words) > len(pytest_arguments)}
    return _run_pytest(skipped, suffix=".skipped")


def check_types(names: Sequence[str]) -> list[Done]:
    """mypy for the named packages, all of them without a name."""

    def make(name: str) -> Command:
        if name == CI:
            words = [tool("python"), *_MYPY, "--config-file=ci/mypy.ini", "ci"]
            return Command(words, ROOT, clean_environment())
        package = named(name)
        return Command([python_of(package), *_MYPY], package.path, clean_environment())

    return run_all({name: partial(make, name) for name in names or known_names()})


def junit_file(name: str, suffix: str = "") -> Path:
    """Where the results of a package's tests are."""
    return JUNIT / f"{name}{suffix}.xml"


def longest_first(names: Iterable[str]) -> list[str]:
    """An order in which all cores are busy to the end, by the last run's times and, before a first run, by size."""
    return sorted(names, key=_expected_seconds, reverse=True)


def _seconds_file(name: str) -> Path:
    """The seconds of a package's tests in the last run of all of them."""
    return JUNIT / f"{name}.seconds"


def _keep_seconds(result: Result) -> None:
    if result.cases:
        seconds = sum(case.seconds for case in result.cases)
        _seconds_file(result.name).write_text(f"{seconds:.1f}\n", encoding="utf-8")


def _expected_seconds(name: str) -> float:
    # not those of the JUnit file, which a run of one test or of `-k` overwrites
    kept = _seconds_file(name)
    if kept.is_file():
        return float(kept.read_text(encoding="utf-8"))
    tests = (ROOT / "ci" if name == CI else named(name).path) / "tests"
    return sum(path.stat().st_size for path in tests.rglob("*.py")) / _BYTES_A_SECOND


def _run_pytest(
    arguments: Mapping[str, Sequence[str]],
    *,
    suffix: str = "",
    groups: tuple[str, ...] = ("dev",),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> list[Result]:
    """One run for each package with the arguments for it, longest first; the answer is in the order of `arguments`."""
    JUNIT.mkdir(parents=True, exist_ok=True)
    order = longest_first(arguments)

    def make(name: str) -> Command:
        report = junit_file(name, suffix)
        words = ["-m", "pytest", f"--junitxml={report}", *arguments[name]]
        if name == CI:
            folder, python, inherited = ROOT / "ci", tool("python"), clean_environment()
        else:
            package = named(name)
            folder, python = package.path, python_of(package, groups=groups)
            inherited = shell_environment(package, groups=groups)
        report.unlink(
            missing_ok=True
        )  # that of the run before would stand for one that did not come to its end
        return Command([python, *words], folder, {**_DETERMINISTIC, **inherited, **variables})

    done = {run.name: run for run in run_all({name: partial(make, name) for name in order})}
    return [_result(done[name], junit_file(name, suffix)) for name in arguments]


def _result(done: Done, report: Path) -> Result:
    cases = read(report) if done.started else ()
    failed = any(case.outcome == "failed" for case in cases)
    problem = f"pytest ended with {done.code}" if done.code and not failed else ""
    return Result(
        done.name, done.seconds, cases, done.code, "could not be installed" if not done.started else problem
    )


def _without_exhaustive(arguments: Sequence[str]) -> list[str]:
    """Nothing where the caller chooses markers."""
    return [] if any(word.startswith("-m") for word in arguments) else ["-m", f"not {EXHAUSTIVE}"]
