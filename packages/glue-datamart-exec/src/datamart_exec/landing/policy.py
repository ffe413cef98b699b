"""What a landing does with objects and rows that are not as declared: goes on and tells, or fails. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from datamart_exec.errors import DatamartError
from datamart_exec.landing.manifest import Entry
from datamart_exec.landing.reading import ReadObject

SHOWN = 3  # objects in a message


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of an environment.

    `reject_percent` is how many of the rows of one run may be left out, of 100; `unreadable` and `missing_column` say
    whether a table fails for an object that cannot be read, and for a declared column that an object lacks. The change
    zone keeps `keep_dates` dates, the final zone the states of `keep_days` days; its files have about `file_bytes`.
    """

    reject_percent: float = 1.0
    unreadable: Literal["fail", "continue"] = "fail"
    missing_column: Literal["fail", "null"] = "fail"
    keep_dates: int = 10
    keep_days: int = 30
    file_bytes: int = 64 << 20

    def refuse(self, table: str, read: Sequence[ReadObject], quarantined: Sequence[Entry]) -> None:
        """Raise `DatamartError` with all reasons why the table cannot be landed under these rules."""
        reasons = list(self._reasons(read, quarantined))
        if reasons:
            raise DatamartError(f"LANDING.{table}: {'; '.join(reasons)}")

    def _reasons(self, read: Sequence[ReadObject], quarantined: Sequence[Entry]) -> Iterator[str]:
        bad = [(each.arrival.landed.key, each.unreadable) for each in read if each.unreadable]
        bad += [(entry.key, entry.reason) for entry in quarantined]
        if bad and self.unreadable == "fail":
            shown = "; ".join(f"{key}: {reason}" for key, reason in bad[:SHOWN])
            yield (
                f"{_count(len(bad), 'object')} cannot be read: {shown}; deliver a good object under the same name,"
                " remove it, or set --on_unreadable continue"
            )
        short = [each for each in read if each.missing_columns]
        if short and self.missing_column == "fail":
            columns = ", ".join(sorted({column for each in short for column in each.missing_columns}))
            yield (
                f"{short[0].arrival.landed.key}{_others(len(short) - 1)} has no column {columns}, which the target schema"
                " declares; correct either, or set --on_missing_column null"
            )
        rows, rejected = sum(each.rows for each in read), sum(each.rejected for each in read)
        if rejected and rejected * 100 > self.reject_percent * rows:
            yield (
                f"{rejected} of {_count(rows, 'row')} do not fit the declared types, more than --reject_percent"
                f" {self.reject_percent:g} allows; see the table's folder of rejects, correct the file or the target schema"
            )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _others(number: int) -> str:
    return f" (and {_count(number, 'other object')})" if number else ""
