"""Results of the tests of each package, read from JUnit files."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One test: pytest's id of it, and its seconds with setup and teardown."""

    id: str
    seconds: float
    outcome: str  # passed, failed or skipped
    reason: str = ""


@dataclass(frozen=True)
class Result:
    """Results of one package: its tests, time and exit code of the whole command, and a problem outside of the tests."""

    name: str
    seconds: float
    cases: tuple[Case, ...]
    code: int
    problem: str = ""

    @property
    def failed(self) -> str | None:
        """The name of a package that failed, with a problem outside of its tests."""
        if not self.code:
            return None
        return f"{self.name} ({self.problem})" if self.problem else self.name

    @property
    def skipped(self) -> Counter[str]:
        """How many tests were skipped for which reason."""
        return Counter(case.reason for case in self.cases if case.outcome == "skipped")

    def count(self, outcome: str) -> int:
        return sum(case.outcome == outcome for case in self.cases)


def read(path: Path) -> tuple[Case, ...]:
    """The tests of a JUnit file as pytest writes it; none when there is no such file, or only half of one."""
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - written by our own run
    except (FileNotFoundError, ET.ParseError):
        return ()
    return tuple(_case(element) for element in root.iter("testcase"))


def table(results: Sequence[Result]) -> str:
    """A line for each package, and below it why tests were skipped."""
    width = max(len(name) for name in ("package", *(result.name for result in results)))
    lines = [f"{'package':<{width}}  passed  failed  skipped  seconds"]
    for result in results:
        counts = f"{result.count('passed'):>6}  {result.count('failed'):>6}  {result.count('skipped'):>7}"
        problem = f"  {result.problem}" if result.problem else ""
        lines.append(f"{result.name:<{width}}  {counts}  {result.seconds:>7.0f}{problem}")
    reasons = [
        f"{result.name:<{width}}  {count:>4} x {reason}"
        for result in results
        for reason, count in result.skipped.most_common()
    ]
    return "\n".join([*lines, *(["", "skipped", *reasons] if reasons else [])])


def slowest(results: Iterable[Result], count: int) -> str:
    """The tests that took longest, of all packages."""
    timed = [(case.seconds, result.name, case.id) for result in results for case in result.cases]
    return "\n".join(
        f"{took:>7.1f} s  {name}  {test}" for took, name, test in sorted(timed, reverse=True)[:count]
    )


def _case(element: ET.Element) -> Case:
    """pytest writes a module's path as a dotted name; tests here are functions, not methods of classes."""
    module, name = element.get("classname") or "", element.get("name") or ""
    # a module that is skipped or broken as a whole has its name where a test has its own
    test = f"{module.replace('.', '/')}.py::{name}" if module else f"{name.replace('.', '/')}.py"
    outcome, reason = "passed", ""
    for child in element:
        if child.tag in ("failure", "error"):
            outcome = "failed"
        elif child.tag == "skipped":
            outcome, reason = "skipped", child.get("message") or "no reason given"
    return Case(test, float(element.get("time") or 0), outcome, reason)
