"""The Jenkinsfile: the packages its matrix names, and its tests, which Maven runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from monorepo.checking import JUNIT
from monorepo.packages import ROOT, MonorepoError
from monorepo.tools import clean_environment

JENKINSFILE = ROOT / "ci" / "Jenkinsfile"
PROJECT = ROOT / "ci" / "jenkins"
TOOLS = ("javac", "mvn")
OFFLINE = "--offline"
UNREACHABLE = ("Could not transfer artifact", "has not been downloaded from it before")


def matrix_packages(text: str) -> list[str]:
    """The values of the axis PACKAGE; raises MonorepoError when there is not exactly one such axis."""
    axes = re.findall(r"\bname\s+'PACKAGE'\s+values\s+((?:'[^']*'[\s,]*)+)", text)
    if len(axes) != 1:
        raise MonorepoError(f"the Jenkinsfile has {len(axes)} axes called PACKAGE, expected 1")
    return re.findall(r"'([^']*)'", axes[0])


def missing_tools() -> str | None:
    """Why the tests cannot run here, with the way out; None when they can."""
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if not missing:
        return None
    return f"{' and '.join(missing)} not found; install a JDK 17 and Maven (apt-get install maven default-jdk-headless)"


def run_tests(arguments: Sequence[str]) -> str:
    """Runs Maven, without the network when the cache has what it needs; returns a summary."""
    if missing := missing_tools():
        raise MonorepoError(missing)
    reports = JUNIT / "jenkins"
    shutil.rmtree(reports, ignore_errors=True)
    done = _maven(OFFLINE, reports, arguments)
    if done.returncode and any(words in done.stdout for words in UNREACHABLE):
        done = _maven("--no-transfer-progress", reports, arguments)
    sys.stdout.write(done.stdout)
    if done.returncode:
        raise MonorepoError(_explained(done))
    return f"{_count(reports)} tests passed; JUnit files are in {reports.relative_to(ROOT)}"


def _maven(network: str, reports: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = ["mvn", "--batch-mode", network, "--file", str(PROJECT / "pom.xml"), "test"]
    return subprocess.run(
        [*command, f"-Djunit.reports={reports}", "-Dstyle.color=never", *arguments],
        cwd=PROJECT,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _explained(done: subprocess.CompletedProcess[str]) -> str:
    if any(words in done.stdout for words in UNREACHABLE):
        return "Maven cannot fetch what ci/jenkins/pom.xml names; run it once with a network, later runs need none"
    return f"tests of the Jenkinsfile failed (mvn ended with {done.returncode}); JUnit files are in build/junit/jenkins"


def _count(reports: Path) -> int:
    """How many tests ran; none is an error, since Maven would call that a success."""
    total = sum(int(ET.parse(path).getroot().get("tests", "0")) for path in reports.glob("TEST-*.xml"))  # noqa: S314
    if not total:
        raise MonorepoError("Maven ran no test of the Jenkinsfile; look at ci/jenkins/src/test")
    return total
