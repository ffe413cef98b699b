"""Each use of the clock as words: from where to where it stands, and whether a date or a time of day is read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot.tokenizer_core import TokenType

from sql_tree.compiler.clock import clock_uses
from sql_tree.fixing.words import Script, end_of

DATE, DAY_OF_STAMP, STAMP, AGE, OTHER = "date", "day of a stamp", "stamp", "age", "other"
_DATES = {"current_date", "curdate"}
_STAMPS = {
    "now", "current_timestamp", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "getdate",
    "sysdate", "systimestamp", "localtimestamp",
}  # fmt: skip
_UNITS = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "DECADE", "CENTURY"}
_PARTS = _UNITS | {"DOW", "DOY", "ISODOW", "ISOYEAR", "DAYOFWEEK", "DAYOFYEAR"}
_DAY_FORMAT = re.compile(r"(?:Y{1,4}|M{1,2}|D{1,2}|Q|[-/. ])+", re.IGNORECASE)
_WHOLE_DATE = {"DATE", "TRUNC", "TO_DATE"}  # of one value: its date
_LITERAL_TYPES = {"DATE", "TIMESTAMP"}


@dataclass(frozen=True, slots=True)
class ClockUse:
    """Words `first` to `last` read the clock; `shift` is the number of days from the run's date."""

    name: str
    offset: int  # where the compiler places it
    first: int
    last: int
    reads: str
    shift: int = 0


def uses_of(script: Script) -> Iterator[ClockUse]:
    """Every use of the clock, in order."""
    index = {token.start: at for at, token in enumerate(script.words)}
    for offset, name in clock_uses(script.words):
        at = index[offset]
        if script.words[at].token_type == TokenType.STRING:
            yield _literal(script, at, offset)
        elif name.startswith("age "):
            yield ClockUse("age()", offset, at, at + 1, AGE)
        else:
            yield _call(script, at, offset, name)


def _literal(script: Script, at: int, offset: int) -> ClockUse:
    name = script.words[at].text.lower()
    if script.word(at + 1) == "::":
        first, last, kind = at, at + 2, script.word(at + 2)
    elif script.word(at - 1) == "(":  # CAST('now' AS DATE)
        first, last, kind = at - 2, at + 3, script.word(at + 2)
        if script.word(at + 1) != "AS" or script.word(last) != ")":
            return ClockUse(f"'{name}'", offset, at, at, OTHER)
    else:
        first, last, kind = at - 1, at, script.word(at - 1)
    plain = kind in _LITERAL_TYPES and script.word(last + 1) not in {"(", "WITH", "WITHOUT", "["}
    shift = {"tomorrow": 1, "yesterday": -1}.get(name, 0)
    reads = OTHER if not plain else DATE if kind == "DATE" else STAMP if name == "now" else DAY_OF_STAMP
    return ClockUse(f"'{name}'", offset, first, last, reads, shift)


def _call(script: Script, at: int, offset: int, name: str) -> ClockUse:
    first, last = at, at
    if script.word(at + 1) == "(":
        last = script.closing(at + 1)
        inside = script.words[at + 2 : last]
        if last < 0 or len(inside) > 1 or any(token.token_type != TokenType.NUMBER for token in inside):
            return ClockUse(name, offset, at, at, OTHER)
    if name in _DATES:
        return ClockUse(name, offset, first, last, DATE)
    if name not in _STAMPS:
        return ClockUse(name, offset, first, last, OTHER)
    return _stamp(script, name, offset, first, last)


def _stamp(script: Script, name: str, offset: int, first: int, last: int) -> ClockUse:
    """A time of day, or what is around it and keeps only its date."""
    before, after = script.word(first - 1), script.word(last + 1)
    called = script.word(first - 2)
    if after == "::" and script.word(last + 2) == "DATE":
        return ClockUse(name, offset, first, last + 2, DATE)
    if before == "(" and called == "CAST" and (after, script.word(last + 2)) == ("AS", "DATE"):
        return ClockUse(name, offset, first - 2, last + 3, DATE)
    if before == "(" and after == ")" and called in _WHOLE_DATE and script.word(first - 3) != ".":
        return ClockUse(name, offset, first - 2, last + 1, DATE)
    reads = DAY_OF_STAMP if _reads_the_day(script, first, last) else STAMP
    return ClockUse(name, offset, first, last, reads)


def _reads_the_day(script: Script, first: int, last: int) -> bool:
    """Whether the stamp is cut to its day or to a longer time by the call that it stands in."""
    closes = script.word(last + 1) == ")"
    before = [script.word(first - back) for back in range(1, 5)]
    match before:
        case [",", unit, "(", "DATE_TRUNC"]:
            return closes and unit.strip("'") in _UNITS
        case [",", part, "(", "DATE_PART"]:
            return closes and part.strip("'") in _PARTS
        case ["FROM", part, "(", "EXTRACT"]:
            return closes and part in _PARTS
        case ["(", "YEAR" | "MONTH" | "DAY" | "QUARTER", *_]:
            return closes
        case ["(", "TO_CHAR" | "DATE_FORMAT", *_]:
            form = script.words[last + 2].text if last + 2 < len(script.words) else ""
            return script.word(last + 1) == "," and _DAY_FORMAT.fullmatch(form) is not None
    return False


def span(script: Script, use: ClockUse) -> tuple[int, int]:
    """Offsets of a use."""
    return int(script.words[use.first].start), end_of(script.words[use.last])
