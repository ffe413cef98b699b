"""The Jenkinsfile's matrix and the packages are the same; its tests can say why they do not run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monorepo import jenkinsfile
from monorepo.jenkinsfile import JENKINSFILE, matrix_packages
from monorepo.packages import MonorepoError, every_package

from .tasks import tasks

TEXT = JENKINSFILE.read_text(encoding="utf-8")
NAMES = [package.name for package in every_package()]


def _differences(text: str) -> dict[str, list[str]]:
    named = matrix_packages(text)
    return {
        "missing": sorted(set(NAMES) - set(named)),
        "gone": sorted(set(named) - set(NAMES)),
        "twice": sorted({name for name in named if named.count(name) > 1}),
    }


def test_the_matrix_names_every_package_once() -> None:
    assert _differences(TEXT) == {"missing": [], "gone": [], "twice": []}


@pytest.mark.parametrize("name", NAMES)
def test_a_package_that_leaves_the_matrix_is_noticed(name: str) -> None:
    line = next(line for line in TEXT.splitlines() if f"'{name}'" in line)
    doctored = TEXT.replace(f"'{name}'", "'packed'", 1)
    assert line.count("'") in (2, 4)  # the axis' values stand one on a line
    assert _differences(doctored) == {"missing": [name], "gone": ["packed"], "twice": []}


def test_a_package_that_is_gone_or_named_twice_is_noticed() -> None:
    doctored = TEXT.replace("'statemachine',", "'statemachine', 'deployer', 'lambda-retired',", 1)
    assert _differences(doctored) == {"missing": [], "gone": ["lambda-retired"], "twice": ["deployer"]}


def test_a_matrix_without_the_axis_is_an_error() -> None:
    with pytest.raises(MonorepoError, match="0 axes called PACKAGE"):
        matrix_packages(TEXT.replace("'PACKAGE'", "'MODULE'"))


def test_missing_tools_are_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert jenkinsfile.missing_tools() == (
        "javac and mvn not found; install a JDK 17 and Maven (apt-get install maven default-jdk-headless)"
    )
    with pytest.raises(MonorepoError, match="javac and mvn not found"):
        jenkinsfile.run_tests([])


FAKE_MAVEN = """#!/bin/sh
echo "$@" >> {calls}
for word in "$@"; do
    case "$word" in
    --offline) {offline} ;;
    -Djunit.reports=*) mkdir -p "${{word#*=}}" && {report} ;;
    esac
done
"""
REPORT = 'echo \'<testsuite tests="7"/>\' > "${word#*=}/TEST-x.xml"'


def _fake_maven(folder: Path, *, offline: str = ":", report: str = ":") -> Path:
    (folder / "bin").mkdir()
    calls = folder / "calls"
    for name, text in {"javac": "#!/bin/sh\n", "mvn": FAKE_MAVEN}.items():
        path = folder / "bin" / name
        path.write_text(text.format(calls=calls, offline=offline, report=report) if name == "mvn" else text)
        path.chmod(0o755)
    return calls


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(jenkinsfile, "ROOT", tmp_path)
    monkeypatch.setattr(jenkinsfile, "JUNIT", tmp_path / "junit")
    return tmp_path / "junit" / "jenkins"


@pytest.mark.usefixtures("reports")
def test_what_was_fetched_before_is_enough(tmp_path: Path) -> None:
    calls = _fake_maven(tmp_path, report=REPORT)
    assert jenkinsfile.run_tests([]) == "7 tests passed; JUnit files are in junit/jenkins"
    assert calls.read_text().count("\n") == 1
    assert "--offline" in calls.read_text()


@pytest.mark.usefixtures("reports")
def test_what_is_missing_is_fetched(tmp_path: Path) -> None:
    offline = "echo 'artifact x has not been downloaded from it before'; exit 1"
    calls = _fake_maven(tmp_path, offline=offline, report=REPORT)
    assert jenkinsfile.run_tests(["-Dtest=ReleaseTest"]).startswith("7 tests passed")
    first, second = calls.read_text().splitlines()
    assert "--offline" in first
    assert "--offline" not in second
    assert second.endswith("-Dtest=ReleaseTest")


@pytest.mark.usefixtures("reports")
def test_failed_tests_are_an_error(tmp_path: Path) -> None:
    _fake_maven(tmp_path, offline="echo 'There are test failures'; exit 1")
    with pytest.raises(MonorepoError, match=r"tests of the Jenkinsfile failed \(mvn ended with 1\)"):
        jenkinsfile.run_tests([])


def test_a_report_of_an_earlier_run_does_not_count(tmp_path: Path, reports: Path) -> None:
    _fake_maven(tmp_path)
    reports.mkdir(parents=True)
    (reports / "TEST-old.xml").write_text('<testsuite tests="3"/>')
    with pytest.raises(MonorepoError, match="Maven ran no test of the Jenkinsfile"):
        jenkinsfile.run_tests([])


def test_every_task_that_the_pipeline_calls_is_one() -> None:
    called = set(re.findall(r"nox -s ([a-z]+)", TEXT))
    assert {"plan", "deploy", "rollback"} <= called
    unknown = called - tasks().keys()
    assert unknown == set(), f"the Jenkinsfile calls tasks that noxfile.py does not have: {unknown}"
