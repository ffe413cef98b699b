"""Schedule expressions, read as EventBridge Scheduler reads them (user guide, "Schedule types").

cron(minutes hours day-of-month month day-of-week year), rate(value unit), at(yyyy-mm-ddThh:mm:ss).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_LONGEST = 256
_FORM = re.compile(r"(cron|rate|at)\((.*)\)")
_RATE = re.compile(r"[1-9]\d* +(minute|hour|day)s?")
_AT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class _Field:
    """One field of a cron expression: its range, names of values, and special forms."""

    name: str
    low: int
    high: int
    words: Mapping[str, int] = field(default_factory=dict)
    special: str | None = None

    def holds(self, text: str) -> bool:
        if text == "?":
            return self.special is not None
        return all(self._item(item) for item in text.upper().split(","))

    def _item(self, item: str) -> bool:
        if self.special and re.fullmatch(self.special, item):
            return True
        start, slash, step = item.partition("/")
        if slash and not (step.isdecimal() and int(step) > 0):
            return False
        first, dash, last = start.partition("-")
        if not dash:
            return start == "*" or self._number(start) is not None
        return self._number(first) is not None and self._number(last) is not None

    def _number(self, text: str) -> int | None:
        number = self.words.get(text, int(text) if text.isascii() and text.isdecimal() else None)
        return number if number is not None and self.low <= number <= self.high else None


_FIELDS = (
    _Field("minutes", 0, 59),
    _Field("hours", 0, 23),
    _Field("day-of-month", 1, 31, special=r"L|LW|([1-9]|[12]\d|3[01])W"),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field(
        "day-of-week",
        1,
        7,
        {name: number for number, name in enumerate(_DAYS, 1)},
        special=rf"L|([1-7]|{'|'.join(_DAYS)})(L|#[1-5])",
    ),
    _Field("year", 1970, 2199),
)


def schedule_expression(text: str) -> str:
    """The expression with single blanks. Raises ValueError with the problem."""
    found = _FORM.fullmatch(" ".join(text.split()))
    if not found or len(text) > _LONGEST:
        raise ValueError(
            "cron(...), rate(...) or at(...), at most 256 characters, for example cron(0 9 * * ? *)"
        )
    kind, inner = found[1], found[2].strip()
    if kind == "cron":
        _check_cron(inner)
    elif kind == "rate" and not _RATE.fullmatch(inner):
        raise ValueError(
            "rate(value unit) with a whole number and minutes, hours or days, for example rate(1 day)"
        )
    elif kind == "at":
        _check_at(inner)
    return f"{kind}({inner})"


def _check_cron(inner: str) -> None:
    parts = inner.split()
    if len(parts) != len(_FIELDS):
        names = " ".join(known.name for known in _FIELDS)
        raise ValueError(f"cron has six fields ({names}), this one has {len(parts)}")
    for known, part in zip(_FIELDS, parts, strict=True):
        if not known.holds(part):
            raise ValueError(f"cron: {known.name} '{part}' is not within {known.low} to {known.high}")
    if (parts[2] == "?") == (parts[4] == "?"):
        raise ValueError("cron: exactly one of day-of-month and day-of-week is ?")


def _check_at(inner: str) -> None:
    try:
        valid = bool(_AT.fullmatch(inner)) and bool(datetime.fromisoformat(inner))
    except ValueError:
        valid = False
    if not valid:
        raise ValueError(
            "at(yyyy-mm-ddThh:mm:ss) with a time that exists, for example at(2026-06-01T09:00:00)"
        )
