"""Formats of dates and times: Spark's letters that mean the same in DuckDB, as a format and as a regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterator

# letters -> DuckDB's, and what a text must look like; None: for writing only
LETTERS: dict[str, tuple[str, str | None]] = {
    "yyyy": ("%Y", "[0-9]{4}"),
    "MM": ("%m", "[0-9]{2}"),
    "MMM": ("%b", "[A-Za-z]{3}"),
    "MMMM": ("%B", None),
    "dd": ("%d", "[0-9]{2}"),
    "EEE": ("%a", None),
    "EEEE": ("%A", None),
    "HH": ("%H", "[0-9]{2}"),
    "mm": ("%M", "[0-9]{2}"),
    "ss": ("%S", "[0-9]{2}"),
    "SSS": ("%g", "[0-9]{3}"),
    "SSSSSS": ("%f", "[0-9]{6}"),
}
SEPARATORS = " -/.:,_"
TIME = frozenset({"HH", "mm", "ss", "SSS", "SSSSSS"})
READING = ", ".join(letters for letters, (_, pattern) in LETTERS.items() if pattern)
WRITING = ", ".join(LETTERS)


def problem(text: str, *, reading: bool) -> str | None:
    """Why a format is not proven equal; None for one that is."""
    allowed = {letters for letters, (_, pattern) in LETTERS.items() if pattern or not reading}
    for part in _parts(text):
        if part not in allowed and part not in SEPARATORS:
            return (
                f"with the format '{text}': '{part}' is not among {READING if reading else WRITING}"
                f" and the separators '{SEPARATORS}', which are proven equal"
            )
    found = [part for part in _parts(text) if part in LETTERS]
    if reading and ("yyyy" not in found or len(found) != len(set(found)) or {"MM", "MMM"} <= set(found)):
        return f"with the format '{text}' is not proven equal: it needs yyyy, and each letter once"
    return None


def duckdb_format(text: str) -> str:
    return "".join(LETTERS[part][0] if part in LETTERS else part for part in _parts(text))


def pattern(text: str) -> str:
    """The regular expression that a text must match to be read."""
    return "".join(_pattern(part) for part in _parts(text))


def has_time(text: str) -> bool:
    return bool(TIME & set(_parts(text)))


def _pattern(part: str) -> str:
    return LETTERS[part][1] or "" if part in LETTERS else f"[{part}]"


def _parts(text: str) -> Iterator[str]:
    """Runs of one letter, and single other characters."""
    for match in re.finditer(r"([a-zA-Z])\1*|.", text, re.DOTALL):
        yield match[0]
