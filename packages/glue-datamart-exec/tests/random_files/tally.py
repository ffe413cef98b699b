"""Counts of a long run: files by writer, scripts by outcome, refusals by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

REASONS = {
    "write the files again with one type": "types of a column that no type holds together",
    "which staging cannot read": "a type that staging does not load",
    "is finer than a microsecond": "a time finer than a microsecond",
    "is before 1900 and may be in the Julian calendar": "a time before 1900 in an unknown calendar",
    "is before the year 1 of the Julian calendar": "a time before the year 1 in the Julian calendar",
    "holds a NUL character": "a NUL character in a text",
    "is outside what Postgres stores": "a time that Postgres cannot store",
}


def reason_of(message: str) -> str:
    """The reason of a refusal; one that is not known is its own message."""
    return next((reason for words, reason in REASONS.items() if words in message), message)


@dataclass
class Tally:
    """What a run has seen so far."""

    files: Counter[str] = field(default_factory=Counter)  # by writer
    folders: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)  # by reason

    def refused(self, message: str) -> None:
        self.outcomes["refused"] += 1
        self.refusals[reason_of(message)] += 1

    def __str__(self) -> str:
        lines = [
            f"{self.files.total():>7} files in {self.folders} folders",
            *(f"{count:>7}   by {writer}" for writer, count in sorted(self.files.items())),
            f"{self.outcomes.total():>7} scripts run over them",
            *(f"{count:>7}   {outcome}" for outcome, count in sorted(self.outcomes.items())),
            "refused because of",
            *(f"{count:>7}   {reason}" for reason, count in self.refusals.most_common()),
        ]
        return "\n".join(lines)
