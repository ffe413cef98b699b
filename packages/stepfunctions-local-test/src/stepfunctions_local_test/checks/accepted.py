"""Accepted findings: a data file names check, state and reason; an entry without a finding is a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepfunctions_local_test.checks import datafile
from stepfunctions_local_test.checks.finding import ACCEPTED, CHECKS, ChecksError, Finding

_KEYS = {"check", "state", "because"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The findings of one check in one state ("" for the machine), and the reason to accept them."""

    check: str
    state: str
    because: str

    def takes(self, finding: Finding) -> bool:
        return (finding.check, finding.state) == (self.check, self.state)


def load_accepted(path: Path) -> tuple[Accepted, ...]:
    """The entries of a file `accepted: [{check, state, because}]`; none without a file.

    Raises ChecksError for an invalid entry.
    """
    if not path.exists():
        return ()
    content = datafile.read(path)
    entries = content.get("accepted") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise ChecksError(f"{path.name} must hold a list 'accepted', got {content!r:.80}")
    return tuple(_entry(path.name, number, entry) for number, entry in enumerate(entries))


def _entry(file: str, number: int, entry: Any) -> Accepted:
    where = f"{file}: accepted[{number}]"
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        raise ChecksError(f"{where} must have check, state and because, got {entry!r:.80}")
    values = {key: str(value or "").strip() for key, value in entry.items()}
    if values["check"] not in CHECKS:
        raise ChecksError(f"{where}: check must be one of {', '.join(CHECKS)}, got {values['check']!r}")
    if not values["because"]:
        raise ChecksError(f"{where}: because is empty; say why the finding is right as it is")
    return Accepted(**values)


def without_accepted(
    machine: str, findings: Iterable[Finding], accepted: Iterable[Accepted]
) -> Iterator[Finding]:
    """The findings that are not accepted, then the entries without a finding."""
    found, entries = tuple(findings), tuple(accepted)
    yield from (finding for finding in found if not any(entry.takes(finding) for entry in entries))
    for entry in entries:
        if not any(entry.takes(finding) for finding in found):
            message = f"a finding of '{entry.check}' is accepted here, but there is none; take the entry out"
            yield Finding(ACCEPTED, machine, entry.state, message)
