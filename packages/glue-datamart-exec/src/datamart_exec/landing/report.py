"""What a landing tells besides its rows: warnings for the log and the ledger. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from datamart_exec.landing.manifest import Plan
from datamart_exec.landing.reading import ReadObject

SHOWN = 20  # objects of one kind; the manifest holds the others
KEYS = 5  # in one text


def warnings(plan: Plan, read: Sequence[ReadObject]) -> Iterator[str]:
    """What was left out, and what is not as declared."""
    yield from _cut(
        [f"{each.stored.key}: left out, a repeated delivery of {each.original}" for each in plan.repeated],
        "repeated deliveries",
    )
    yield from _cut(
        [
            f"{entry.key}: gone, but its rows stay: they are older than the change zone;"
            " land a full load to be rid of them"
            for entry in plan.archived
        ],
        "objects that are gone",
    )
    yield from _cut(
        [
            f"{each.arrival.landed.key}: cannot be read, left out: {each.unreadable}"
            for each in read
            if each.unreadable
        ],
        "objects that cannot be read",
    )
    yield from _cut(
        [f"{entry.key}: still cannot be read, left out: {entry.reason}" for entry in plan.quarantined],
        "objects that cannot be read",
    )
    yield from _cut(
        [
            f"{each.arrival.landed.key}: {each.rejected} of {each.rows} rows do not fit, left out;"
            " see the folder of rejects"
            for each in read
            if each.rejected
        ],
        "objects with rows that do not fit",
    )
    yield from _columns(read)


def _columns(read: Sequence[ReadObject]) -> Iterator[str]:
    """Columns of files that the target schema lacks, and the other way round; once for each list of columns."""
    found: dict[str, list[str]] = {}
    for each in read:
        if each.new_columns:
            words = f"columns that the target schema lacks: {', '.join(each.new_columns)}"
            found.setdefault(words, []).append(each.arrival.landed.key)
        if each.missing_columns:
            words = f"declared columns that are missing, and NULL now: {', '.join(each.missing_columns)}"
            found.setdefault(words, []).append(each.arrival.landed.key)
    for words, keys in found.items():
        yield f"{_few(keys)}: {words}"


def unlisted(places: dict[str, int]) -> Iterator[str]:
    """Objects and folders of the landing zone that no table takes, with their numbers of objects."""
    yield from _cut(
        [
            f"{place}: {count} object{'s' * (count != 1)} not landed: no table of the target schema, or no name of the"
            " landing zone"
            for place, count in places.items()
        ],
        "places that no table takes",
    )


def _cut(texts: Sequence[str], what: str) -> Iterator[str]:
    yield from texts[:SHOWN]
    if len(texts) > SHOWN:
        yield f"and {len(texts) - SHOWN} more {what}"


def _few(keys: Sequence[str]) -> str:
    more = len(keys) - KEYS
    return ", ".join(keys[:KEYS]) + (f" and {more} more" if more > 0 else "")
