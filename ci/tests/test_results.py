"""What a test run shows at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from monorepo import checking, environments, results
from monorepo.packages import Package, named
from monorepo.results import Case, Result
from monorepo.side_by_side import Command, Done, run_all
from monorepo.tools import tool

TESTS = """
import pytest
@pytest.mark.parametrize("word", ["a b", "c[d]"])
def test_good(word): pass
def test_bad(): assert False
def test_broken(nowhere): pass
@pytest.mark.skip(reason="no engine")
def test_left_out(): pass
@pytest.mark.skip(reason="no engine")
@pytest.mark.parametrize("word", ["a::b", "c/d"])
def test_also_left_out(word): pass
@pytest.mark.xfail(reason="not yet")
def test_later(): assert False
"""


def run(tmp_path: Path, *arguments: str) -> int:
    """pytest of a package of its own; the tests stand in `tests/inner/test_x.py`."""
    (tmp_path / "tests" / "inner").mkdir(parents=True, exist_ok=True)
    (tmp_path / "tests" / "inner" / "test_x.py").write_text(TESTS, encoding="utf-8")
    words = [
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        f"--junitxml={tmp_path / 'x.xml'}",
        *arguments,
    ]
    command = Command([tool("python"), "-m", "pytest", *words], tmp_path, {"PATH": "/usr/bin"})
    (done,) = run_all({"x": lambda: command})
    return done.code


def test_a_junit_file_of_pytest_is_read(tmp_path: Path) -> None:
    assert run(tmp_path) == 1
    found = Result("x", 2.4, results.read(tmp_path / "x.xml"), 1)
    assert [found.count(outcome) for outcome in ("passed", "failed", "skipped")] == [2, 2, 4]
    assert found.skipped == {"no engine": 3, "not yet": 1}
    assert found.cases[0].id == "tests/inner/test_x.py::test_good[a b]"


def test_what_was_skipped_can_be_run_by_its_id(tmp_path: Path) -> None:
    run(tmp_path)
    left_out = [case.id for case in results.read(tmp_path / "x.xml") if case.reason == "no engine"]
    assert run(tmp_path, *left_out) == 0
    assert [case.id for case in results.read(tmp_path / "x.xml")] == left_out


def test_the_table_shows_counts_seconds_and_reasons() -> None:
    cases = (
        Case("t.py::one", 1, "passed"),
        Case("t.py::two", 3, "skipped", "no engine"),
        Case("t.py::three", 2, "skipped", "no engine"),
        Case("t.py::four", 0, "skipped", "no CLI"),
    )
    some = Result("deployer", 61.6, cases, 0)
    none = Result("statemachine", 0, (), 1, "could not be installed")
    assert results.table([some, none]).splitlines() == [
        "package       passed  failed  skipped  seconds",
        "deployer           1       0        3       62",
        "statemachine       0       0        0        0  could not be installed",
        "",
        "skipped",
        "deployer         2 x no engine",
        "deployer         1 x no CLI",
    ]
    assert results.slowest([some], 2).splitlines() == [
        "    3.0 s  deployer  t.py::two",
        "    2.0 s  deployer  t.py::three",
    ]


def test_a_run_that_broke_off_has_no_results(tmp_path: Path) -> None:
    (tmp_path / "half.xml").write_text('<testsuites><testsuite><testcase name="a"', encoding="utf-8")
    assert results.read(tmp_path / "half.xml") == ()
    assert results.read(tmp_path / "absent.xml") == ()


@pytest.fixture
def junit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for JUnit files."""
    monkeypatch.setattr(checking, "JUNIT", tmp_path)
    return tmp_path


def run_of(
    monkeypatch: pytest.MonkeyPatch, times: dict[str, float], arguments: Sequence[str] = ()
) -> list[Result]:
    """A test run in which pytest took these seconds."""

    def pytest_took(wanted: Mapping[str, Sequence[str]], **_: str) -> list[Result]:
        return [Result(name, 0, (Case("t.py::x", times[name], "passed"),), 0) for name in wanted]

    monkeypatch.setattr(checking, "_run_pytest", pytest_took)
    return checking.run_tests(list(times), arguments)


def test_packages_start_in_the_order_of_the_time_they_last_took(
    junit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_of(monkeypatch, {"ci": 900, "statemachine": 700, "deployer": 800})
    assert checking.longest_first(["deployer", "statemachine", "ci"]) == ["ci", "deployer", "statemachine"]
    run_of(monkeypatch, {"statemachine": 1000}, ["-q"])
    assert checking.longest_first(["deployer", "statemachine", "ci"]) == ["statemachine", "ci", "deployer"]


@pytest.mark.parametrize(
    "arguments",
    [["-k", "zip"], ["tests/test_core.py"], ["tests/test_core.py::test_one", "-q"], ["-x"], ["-m", "slow"]],
)
def test_a_run_of_some_tests_does_not_change_the_order(
    junit: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    run_of(monkeypatch, {"ci": 900, "statemachine": 700, "deployer": 800})
    run_of(monkeypatch, {"ci": 1, "statemachine": 2000}, arguments)
    assert checking.longest_first(["deployer", "statemachine", "ci"]) == ["ci", "deployer", "statemachine"]


def test_without_an_earlier_run_the_size_of_the_tests_decides(junit: Path) -> None:
    names = ["lambda-edv-handle-failure", "deployer", "ci"]
    sizes = {
        name: sum(path.stat().st_size for path in (named(name).path / "tests").rglob("*.py"))
        for name in names[:2]
    }
    assert sizes["deployer"] > sizes["lambda-edv-handle-failure"]
    order = checking.longest_first(names)
    assert order.index("deployer") < order.index("lambda-edv-handle-failure")
    assert list(junit.iterdir()) == []


def test_exhaustive_tests_are_left_out_unless_markers_are_chosen() -> None:
    assert checking._without_exhaustive(["-k", "x"]) == ["-m", "not exhaustive"]
    assert checking._without_exhaustive(["-m", "slow"]) == []
    assert checking._without_exhaustive(["--maxfail=1"]) == ["-m", "not exhaustive"]


def test_spark_runs_in_an_environment_that_has_it_from_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Command] = {}

    def run(commands: Mapping[str, Callable[[], Command]]) -> list[Done]:
        made.update({name: make() for name, make in commands.items()})
        return [Done(name, 0, 0, "") for name in commands]

    def environment(package: Package, *, groups: tuple[str, ...] = ("dev",)) -> Path:
        return Path("/", package.name, *groups)

    monkeypatch.setattr(checking, "run_all", run)
    monkeypatch.setattr(environments, "environment", environment)
    checking.run_spark(120, 7, ["-x"])
    command = made["glue-datamart-exec"]
    assert command.words[0] == "/glue-datamart-exec/dev/spark/bin/python"
    assert command.words[-2:] == ["--hypothesis-seed=7", "-x"]
    assert command.variables["SPARK_FILES"] == "120"
