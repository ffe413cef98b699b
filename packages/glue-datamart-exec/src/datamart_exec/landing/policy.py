"""What a landing does with objects and rows that are not as declared: goes on and tells, or fails. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from datamart_exec.arguments import LandingRules
from datamart_exec.errors import DatamartError
from datamart_exec.landing.manifest import Entry
from datamart_exec.landing.reading import ReadObject
from datamart_exec.storage import StoredObject

SHOWN = 3  # objects in a message


def refuse(rules: LandingRules, table: str, read: Sequence[ReadObject], quarantined: Sequence[Entry]) -> None:
    """Raise `DatamartError` with all reasons why a table cannot be landed under these rules."""
    reasons = [*_unreadable(rules, read, quarantined), *_missing(rules, read), *_rejected(rules, read)]
    if reasons:
        raise DatamartError(f"LANDING.{table}: {'; '.join(reasons)}")


def refuse_changed(table: str, read: Sequence[ReadObject], now: Mapping[str, StoredObject]) -> None:
    """Raise `DatamartError` when an object is not what it was before it was read: its rows may be of two contents."""
    changed = [
        each.arrival.stored for each in read if now.get(each.arrival.stored.key) != each.arrival.stored
    ]
    if changed:
        first = now.get(changed[0].key)
        state = f"its ETag was {changed[0].etag} and is {first.etag}" if first else "it is gone"
        raise DatamartError(
            f"LANDING.{table}: {changed[0].key}{_others(len(changed) - 1)} changed while it was read ({state});"
            " nothing was landed, run again when the delivery has ended"
        )


def _unreadable(
    rules: LandingRules, read: Sequence[ReadObject], quarantined: Sequence[Entry]
) -> Iterator[str]:
    bad: list[tuple[str, str | None]] = [
        (each.arrival.landed.key, each.unreadable) for each in read if each.unreadable
    ]
    bad += [(entry.key, entry.reason) for entry in quarantined]
    if bad and rules.on_unreadable == "fail":
        shown = "; ".join(f"{key}: {reason}" for key, reason in bad[:SHOWN])
        yield (
            f"{_count(len(bad), 'object')} cannot be read: {shown}; deliver a good object under the same name,"
            " remove it, or set --on_unreadable continue"
        )


def _missing(rules: LandingRules, read: Sequence[ReadObject]) -> Iterator[str]:
    short = [each for each in read if each.missing_columns]
    if short and rules.on_missing_column == "fail":
        columns = ", ".join(sorted({column for each in short for column in each.missing_columns}))
        yield (
            f"{short[0].arrival.landed.key}{_others(len(short) - 1)} has no column {columns}, which the target schema"
            " declares; correct either, or set --on_missing_column null"
        )


def _rejected(rules: LandingRules, read: Sequence[ReadObject]) -> Iterator[str]:
    rows, rejected = sum(each.rows for each in read), sum(each.rejected for each in read)
    if rejected and rejected * 100 > rules.reject_percent * rows:
        yield (
            f"{rejected} of {_count(rows, 'row')} do not fit the declared types, more than --reject_percent"
            f" {rules.reject_percent:g} allows; see the table's folder of rejects, correct file or target schema"
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _others(number: int) -> str:
    return f" (and {_count(number, 'other object')})" if number else ""
