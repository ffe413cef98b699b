"""Says what was found: a bounded text for people, JSON and SARIF for programs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sql_tree.compiler.findings import Finding, Findings
from sql_tree.compiler.kinds import ERROR, KINDS, Kind
from sql_tree.compiler.problems import Problem

LIMIT = 60
_WIDTH = 200  # characters of one line of the text
_FULL = 3  # lines of a kind with one finding: what and why, what to write, where


@dataclass(frozen=True, slots=True)
class _Group:
    """One message of one kind with all its places, and the consequences by code."""

    text: str
    places: tuple[str, ...]
    followed: Mapping[str, int]

    def line(self) -> str:
        first, more = self.places[0], len(self.places) - 1
        also = f" (and {more} more place{'s' if more > 1 else ''})" if more else ""
        total = sum(self.followed.values())
        counts = ", ".join(f"{code} {number}" for code, number in self.followed.items())
        follow = f"; {total} more follow{'s' if total == 1 else ''} from it: {counts}" if total else ""
        return _cut(f"  {first}: {self.text}") + also + follow


def text(root: Path, findings: Findings, limit: int = LIMIT) -> str:
    """At most `limit` lines, 0 for all: the errors first, the kinds with most findings first, each with a way out."""
    blocks = _blocks(findings.open)
    lines = [_headline(root, findings), *_summary(blocks, limit)]
    room = limit - len(lines) if limit else None
    compact = room is not None and _FULL * len(blocks) > room
    for at, (kind, groups) in enumerate(blocks):
        places = None if room is None else max(1, room // (len(blocks) - at) - (1 if compact else _FULL - 1))
        block = _block(kind, groups, places, compact=compact)
        if room is not None and len(block) > room - (1 if at + 1 < len(blocks) else 0):
            left = len(blocks) - at
            lines.append(f"{left} more kind{'s' if left > 1 else ''}; --limit 0 shows everything")
            return "\n".join(lines)
        lines += block
        room = None if room is None else room - len(block)
    return "\n".join(lines)


def _headline(root: Path, findings: Findings) -> str:
    errors, warnings, waived = len(findings.errors), len(findings.warnings), len(findings.waived)
    verdict = "does not compile" if errors else "compiles"
    counts = [_count(errors, "problem")] if errors else []
    counts += [_count(warnings, "warning")] if warnings else []
    counts += [f"{waived} waived"] if waived else []
    return f"{root} {verdict}{', ' if counts else ''}{', '.join(counts)}{':' if errors or warnings else ''}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _blocks(found: Sequence[Finding]) -> list[tuple[Kind, list[_Group]]]:
    """Causes by kind: errors first, then by number of findings that they explain."""
    followed: dict[Problem, Counter[str]] = {}
    for finding in found:
        if finding.cause is not None:
            followed.setdefault(finding.cause, Counter())[finding.problem.code] += 1
    causes = [finding.problem for finding in found if finding.cause is None]
    waived_causes = [cause for cause in followed if cause not in set(causes)]
    by_kind: dict[str, dict[str, list[Problem]]] = {}
    for problem in [*causes, *waived_causes]:
        by_kind.setdefault(problem.code, {}).setdefault(problem.text, []).append(problem)
    blocks = [
        (KINDS[code], [_group(text, problems, followed) for text, problems in texts.items()])
        for code, texts in by_kind.items()
    ]
    return sorted(blocks, key=lambda block: (block[0].severity != ERROR, -_weight(block[1]), block[0].code))


def _group(text: str, problems: list[Problem], followed: Mapping[Problem, Counter[str]]) -> _Group:
    total: Counter[str] = Counter()
    for problem in problems:
        total.update(followed.get(problem, {}))
    return _Group(text, tuple(problem.place for problem in problems), dict(total.most_common()))


def _weight(groups: Sequence[_Group]) -> int:
    return sum(len(group.places) + sum(group.followed.values()) for group in groups)


def _summary(blocks: Sequence[tuple[Kind, list[_Group]]], limit: int) -> list[str]:
    """The kinds in one line, when there are too many for the blocks to be seen at once."""
    if len(blocks) < 2:
        return []
    counts = [f"{kind.code} {sum(len(group.places) for group in groups)}" for kind, groups in blocks]
    follow = sum(sum(group.followed.values()) for _, groups in blocks for group in groups)
    return [f"  causes: {', '.join(counts)}" + (f"; {follow} more follow from them" if follow else "")]


def _block(kind: Kind, groups: list[_Group], places: int | None, *, compact: bool) -> list[str]:
    groups = sorted(groups, key=lambda group: -_weight([group]))
    lines = [f"{kind.severity} [{kind.code}] {kind.title}: {kind.why}"]
    if compact:
        lines[0] = f"{kind.severity} [{kind.code}] {kind.title}; write: {kind.instead}"
    else:
        lines.append(f"  write: {kind.instead}")
    body = [group.line() for group in groups]
    if places is not None and len(body) > places:
        shown = max(places - 1, 1)
        left = len(body) - shown
        more = f"  ... and {left} more like it"
        body = [*body[:shown], more] if places > 1 else [f"{body[0]}{more.replace('  ', ' ', 1)}"]
    return [*map(_cut, lines), *body]


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."


def as_data(root: Path, findings: Findings) -> dict[str, Any]:
    """Everything, as JSON data."""
    open_ = findings.open
    return {
        "ok": not findings.errors,
        "root": str(root),
        "errors": len(findings.errors),
        "warnings": len(findings.warnings),
        "waived": len(findings.waived),
        "kinds": dict(Counter(finding.problem.code for finding in open_).most_common()),
        "findings": [_as_data(finding) for finding in findings.found],
    }


def _as_data(finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    data: dict[str, Any] = {
        "code": problem.code,
        "severity": problem.kind.severity,
        "file": problem.file,
        "line": problem.line or None,
        "column": problem.column or None,
        "message": problem.text,
        "why": problem.kind.why,
        "instead": problem.kind.instead,
    }
    if finding.cause is not None:
        cause = finding.cause
        data["follows_from"] = {"code": cause.code, "file": cause.file, "line": cause.line or None}
    if finding.waived:
        data["waived"] = finding.waived
    return data


def as_sarif(findings: Findings) -> dict[str, Any]:
    """A SARIF 2.1.0 log; paths are relative to the tree."""
    codes = sorted({finding.problem.code for finding in findings.found})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": KINDS[code].title},
            "fullDescription": {"text": KINDS[code].why},
            "help": {"text": KINDS[code].instead},
            "defaultConfiguration": {"level": KINDS[code].severity},
        }
        for code in codes
    ]
    driver = {"name": "sql-tree", "version": version("sql-tree"), "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, codes) for finding in findings.found],
            }
        ],
    }


def _result(finding: Finding, codes: list[str]) -> dict[str, Any]:
    problem = finding.problem
    location: dict[str, Any] = {"artifactLocation": {"uri": problem.file, "uriBaseId": "TREE"}}
    if problem.line:
        column = {"startColumn": problem.column} if problem.column else {}
        location["region"] = {"startLine": problem.line, **column}
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": problem.kind.severity,
        "message": {"text": f"{problem.text}; {problem.kind.instead}"},
        "locations": [{"physicalLocation": location}],
    }
    if finding.waived:
        result["suppressions"] = [{"kind": "external", "justification": finding.waived}]
    return result
