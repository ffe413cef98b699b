"""The gate: a change of what a package ships needs a higher version and a changelog entry for operators.

A changed local dependency needs no new version of the packages that use it: artefacts are identified by digest, so a plan
and a release show every zip that differs, and the changelog of the dependency explains why.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.version import InvalidVersion, Version

from monorepo import shipped

SHOWN = 3


@dataclass(frozen=True)
class State:
    """The three files of a package that the gate reads, as texts; a missing one is empty."""

    pyproject: str
    lock: str
    changelog: str

    @property
    def version(self) -> str:
        return str(tomllib.loads(self.pyproject).get("project", {}).get("version", ""))


@dataclass(frozen=True)
class Candidate:
    """A package before (None: it is new) and now, with the paths inside it that differ."""

    name: str
    before: State | None
    now: State
    changed: Sequence[str]


@dataclass(frozen=True)
class Verdict:
    """Why the package needs a version, and what is missing for it; nothing missing passes."""

    name: str
    because: str
    missing: tuple[str, ...]


def judge(candidate: Candidate) -> Verdict | None:
    """None for a package that ships the same as before."""
    before, now = candidate.before, candidate.now
    if before is None:
        return Verdict(candidate.name, "new package", (*_bad(now.version), *_changelog(now)))
    because = _shipped_changes(candidate, before)
    if not because and before.version == now.version:
        return None
    missing = (*_version(before.version, now.version), *_changelog(now))
    return Verdict(candidate.name, _sentence(because) or "its version changed", missing)


def report(verdicts: Sequence[Verdict]) -> str:
    """One line per package and one per thing that is missing."""
    lines = []
    for verdict in verdicts:
        lines.append(f"{verdict.name}: {verdict.because}: {'missing' if verdict.missing else 'ok'}")
        lines.extend(f"  - {item}" for item in verdict.missing)
    return "\n".join(lines) or "no package changed what it ships"


def _shipped_changes(candidate: Candidate, before: State) -> list[str]:
    now = candidate.now
    sources = [path for path in candidate.changed if shipped.is_source(path)]
    declared = _differing(shipped.of_pyproject, before.pyproject, now.pyproject)
    locked = _differing(shipped.of_lock, before.lock, now.lock)
    return [*sources, *(f"pyproject {key}" for key in declared), *(f"lock {key}" for key in locked)]


def _differing(read: Callable[[str], Mapping[str, Any]], before: str, now: str) -> list[str]:
    return [] if before == now else shipped.differing(read(before), read(now))


def _sentence(changes: Sequence[str]) -> str:
    more = f" and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
    return f"{', '.join(changes[:SHOWN])}{more} changed" if changes else ""


def _version(before: str, now: str) -> tuple[str, ...]:
    if bad := _bad(now):
        return bad
    if _bad(before) or Version(now) > Version(before):
        return ()
    wanted = f"a higher version than {before} in pyproject.toml"
    return (wanted if now == before else f"{wanted}, where {now} is not higher",)


def _bad(version: str) -> tuple[str, ...]:
    try:
        Version(version)
    except InvalidVersion:
        return (f"a version as PEP 440 has it in pyproject.toml, got {version!r}",)
    return ()


def _changelog(now: State) -> Iterable[str]:
    version = now.version
    heading = re.compile(rf"^## \[?v?{re.escape(version)}\]?(?![\w.+-]).*$", re.MULTILINE)
    found = heading.search(now.changelog)
    if found is None:
        yield f"an entry '## {version}' in CHANGELOG.md that says what changes for operators"
        return
    text, _, _ = now.changelog[found.end() :].partition("\n## ")
    if not text.strip():
        yield f"what changed, below '## {version}' in CHANGELOG.md"
