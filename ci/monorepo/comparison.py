"""Compares a work tree with a ref of its history: the affected packages, and those that need a version."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from monorepo import gate
from monorepo.affected import Impact, Reason, graph, impact
from monorepo.git import Repository
from monorepo.packages import ROOT, MonorepoError, Package, every_package

FORMAT = 1
PYPROJECT = "pyproject.toml"
FILES = (PYPROJECT, "poetry.lock", "CHANGELOG.md")  # in the order of gate.State


@dataclass(frozen=True)
class Comparison:
    """A work tree, the commit it is compared with, and the paths that differ."""

    repository: Repository
    since: str
    base: str
    changed: tuple[str, ...]
    packages: tuple[Package, ...]
    before: frozenset[str]

    def impact(self) -> Impact:
        """Packages with the reasons why they are affected."""
        return impact(graph(self.packages), self.changed, self.before)

    def verdicts(self) -> list[gate.Verdict]:
        """The gate's verdicts on packages that changed what they ship."""
        judged = (self._judge(package) for package in self.packages if self._files_of(package.name))
        return [verdict for verdict in judged if verdict is not None]

    def _judge(self, package: Package) -> gate.Verdict | None:
        old = self._state_at_base(package.name) if package.name in self.before else None
        files = self._files_of(package.name)
        try:
            return gate.judge(gate.Candidate(package.name, old, _state_now(package), files))
        except tomllib.TOMLDecodeError as error:
            raise MonorepoError(
                f"{package.name}: pyproject.toml or poetry.lock is no TOML: {error}"
            ) from error

    def _files_of(self, name: str) -> tuple[str, ...]:
        folder = f"packages/{name}/"
        return tuple(path.removeprefix(folder) for path in self.changed if path.startswith(folder))

    def _state_at_base(self, name: str) -> gate.State:
        texts = (self.repository.text_at(self.base, f"packages/{name}/{file}") for file in FILES)
        return gate.State(*(text or "" for text in texts))


def compare(since: str, root: Path = ROOT) -> Comparison:
    """Reads both sides; raises MonorepoError when git cannot."""
    repository = Repository(root)
    base = repository.merge_base(since)
    listed = (path.split("/") for path in repository.files_at(base, "packages"))
    return Comparison(
        repository=repository,
        since=since,
        base=base,
        changed=tuple(repository.changed_files(base)),
        packages=tuple(every_package(root / "packages")),
        before=frozenset(parts[1] for parts in listed if parts[2:] == [PYPROJECT]),
    )


def as_json(comparison: Comparison) -> str:
    """The shape that ci/README.md documents; `format` changes when it does."""
    found = comparison.impact()
    packages = [
        {"name": name, "affected": bool(reasons), "reasons": [asdict(reason) for reason in reasons]}
        for name, reasons in found.packages.items()
    ]
    answer = {
        "format": FORMAT,
        "since": comparison.since,
        "base": comparison.base,
        "packages": packages,
        "gone": found.gone,
        "integration": {
            "affected": bool(found.integration),
            "reasons": [asdict(reason) for reason in found.integration],
        },
        "unclaimed": found.unclaimed,
    }
    return json.dumps(answer, indent=1)


def as_text(comparison: Comparison) -> str:
    """A line per affected package with its reasons, then what is not affected."""
    found = comparison.impact()
    unaffected = [name for name, reasons in found.packages.items() if not reasons]
    lines = [f"since {comparison.since} (merge base {comparison.base[:12]})"]
    for name in found.affected:
        lines.append(f"{name}: {_joined(found.packages[name])}")
    lines.extend(f"{name}: gone" for name in found.gone)
    if found.integration:
        lines.append(f"main job: {_joined(found.integration)}")
    if unaffected:
        lines.append(f"not affected: {', '.join(unaffected)}")
    if found.unclaimed:
        lines.append(f"no package's: {', '.join(found.unclaimed)}")
    return "\n".join(lines)


def _joined(reasons: Sequence[Reason]) -> str:
    return "; ".join(reason.text for reason in reasons)


def _state_now(package: Package) -> gate.State:
    paths = (package.path / file for file in FILES)
    return gate.State(*(path.read_text(encoding="utf-8") if path.is_file() else "" for path in paths))
