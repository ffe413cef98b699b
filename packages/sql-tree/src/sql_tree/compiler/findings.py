"""Sorts what the compiler found: causes and what follows from them, and what a waiver accepts."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from sql_tree.compiler.kinds import KINDS
from sql_tree.compiler.problems import Problem
from sql_tree.errors import SqlTreeError
from sql_tree.layout import WAIVER_COLUMNS, WAIVERS


@dataclass(frozen=True, slots=True)
class Waiver:
    """One row of the waiver file; `file` may hold `*`, an empty `match` fits every message."""

    line: int
    code: str
    file: str
    match: str
    reason: str

    def covers(self, problem: Problem) -> bool:
        same = self.code == problem.code and fnmatchcase(problem.file.lower(), self.file.lower())
        return same and self.match.lower() in problem.text.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with the problem that it follows from, and the reason it is waived for."""

    problem: Problem
    cause: Problem | None = None
    waived: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found, in order of file."""

    found: tuple[Finding, ...] = ()

    @property
    def open(self) -> list[Finding]:
        """What no waiver accepts."""
        return [finding for finding in self.found if not finding.waived]

    @property
    def errors(self) -> Sequence[Problem]:
        return tuple(finding.problem for finding in self.open if finding.problem.is_error)

    @property
    def warnings(self) -> Sequence[Problem]:
        return tuple(finding.problem for finding in self.open if not finding.problem.is_error)

    @property
    def waived(self) -> Sequence[Finding]:
        return tuple(finding for finding in self.found if finding.waived)


class CompileError(SqlTreeError):
    """The SQL tree cannot become a release; `findings` holds all that was found, the message is their report."""

    def __init__(self, root: Path, findings: Findings, report: str) -> None:
        self.root = root
        self.findings = findings
        super().__init__(report)

    @property
    def problems(self) -> Sequence[Problem]:
        """Every error in order of file, consequences included."""
        return self.findings.errors


def read_waivers(files: Mapping[str, bytes]) -> tuple[list[Waiver], list[Problem]]:
    """The rows of the waiver file, and what is wrong with it; no file waives nothing."""
    if WAIVERS not in files:
        return [], []
    text = files[WAIVERS].decode("utf-8-sig", errors="replace")
    reader = csv.reader(io.StringIO(text), delimiter="|")
    rows = [(reader.line_num, [value.strip() for value in row]) for row in reader if any(row)]
    header = "|".join(WAIVER_COLUMNS)
    if not rows or "|".join(rows[0][1]).lower() != header:
        return [], [Problem(WAIVERS, 1, f"header must be {header}", "bad-waiver")]
    waivers: list[Waiver] = []
    problems: list[Problem] = []
    for line, row in rows[1:]:
        fault = _fault(row)
        if fault:
            problems.append(Problem(WAIVERS, line, fault, "bad-waiver"))
        else:
            waivers.append(Waiver(line, *row))
    return waivers, problems


def _fault(row: list[str]) -> str | None:
    if len(row) != len(WAIVER_COLUMNS):
        return f"must have {len(WAIVER_COLUMNS)} values, got {len(row)}"
    code, file, _, reason = row
    if code not in KINDS or not KINDS[code].waivable:
        known = ", ".join(sorted(kind.code for kind in KINDS.values() if kind.waivable))
        return f"{code!r} cannot be waived; {known} can"
    if not file:
        return "names no file; * stands for all"
    return None if reason else "gives no reason"


def sort_findings(problems: Iterable[Problem], waivers: Sequence[Waiver]) -> Findings:
    """Each problem once, with its cause and its waiver; a waiver that fits nothing is a problem itself."""
    ordered = sorted(set(problems), key=_order)
    causes = _causes(ordered)
    used: set[Waiver] = set()
    found = [_finding(problem, causes, waivers, used) for problem in ordered]
    for waiver in waivers:
        if waiver not in used:
            text = f"waives {waiver.code} of {waiver.file}, which is not found (any more)"
            cause = _unseen(waiver, ordered)
            stale = Problem(WAIVERS, waiver.line, text, "stale-waiver")
            found.append(Finding(stale, causes.get(cause, cause) if cause else None))
    return Findings(tuple(sorted(found, key=lambda finding: _order(finding.problem))))


def _unseen(waiver: Waiver, problems: Sequence[Problem]) -> Problem | None:
    """The error that may hide what a waiver is for: one about its file, or about the list that the file belongs to."""
    files = {waiver.file.lower(), waiver.file.lower().replace("_tbl_dpnds.csv", "_tables.csv")}
    hiding = (
        "doubled-ending",
        "misplaced-file",
        "csv-",
        "bad-",
        "empty-",
        "unclosed-",
        "postgres-",
        "spark-",
        "not-und",
    )
    for problem in problems:
        subjects = [key.removeprefix("file:").lower() for key in problem.about if key.startswith("file:")]
        matched = any(fnmatchcase(subject, file) for subject in subjects for file in files)
        if matched and problem.code.startswith(hiding):
            return problem
    return None


def _order(problem: Problem) -> tuple[str, int, int, bool, str, str]:
    return problem.file, problem.line, problem.column, not problem.is_error, problem.code, problem.text


def _finding(
    problem: Problem, causes: Mapping[Problem, Problem], waivers: Sequence[Waiver], used: set[Waiver]
) -> Finding:
    cause = causes.get(problem)
    for one in (problem, cause):
        for waiver in waivers:
            if one is not None and waiver.covers(one):
                used.add(waiver)
                return Finding(problem, cause, waiver.reason)
    return Finding(problem, cause)


def _causes(problems: Sequence[Problem]) -> dict[Problem, Problem]:
    """Each consequence with the first problem of its chain."""
    by_subject: dict[str, list[Problem]] = {}
    for problem in problems:
        for subject in problem.about:
            by_subject.setdefault(subject, []).append(problem)
    direct: dict[Problem, Problem] = {}
    for problem in problems:
        candidates = [
            other for key in problem.follows for other in by_subject.get(key, ()) if other != problem
        ]
        errors = [other for other in candidates if other.is_error]
        if errors or candidates:
            direct[problem] = (errors or candidates)[0]
    return {problem: _first(problem, direct) for problem in direct}


def _first(problem: Problem, direct: Mapping[Problem, Problem]) -> Problem:
    seen = {problem}
    while problem in direct and direct[problem] not in seen:
        problem = direct[problem]
        seen.add(problem)
    return problem
