"""Finds literals that their type cannot hold; says nothing where that is not certain."""

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlglot import exp

from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Scan

_T = exp.DType
_RANGES = {_T.SMALLINT: 15, _T.INT: 31, _T.BIGINT: 63}  # bits beside the sign
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_TIME = re.compile(r"(?:^|[ T])(\d{1,2}):(\d{2})(?::(\d{2}))?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}")  # month first, as Postgres reads it unless told otherwise
_FORMS = {
    _T.DATE: (re.compile(r"\d{4}-\d{2}-\d{2}"), "YYYY-MM-DD"),
    _T.TIMESTAMP: (
        re.compile(r"\d{4}-\d{2}-\d{2}([ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?)?"),
        "YYYY-MM-DD[ hh:mm:ss[.ffffff]]",
    ),
}
_WORDS = {"infinity", "-infinity", "epoch", "now", "today", "tomorrow", "yesterday", "allballs"}
_TRUTHS = {
    "postgres": re.compile(r"t(r(ue?)?)?|f(a(l(se?)?)?)?|y(es?)?|no?|on|off?|[01]", re.IGNORECASE),
    "spark": re.compile(r"true|t|yes|y|1|false|f|no|n|0", re.IGNORECASE),
}
_UUID = re.compile(r"\{?([0-9a-f]{4}-?){8}\}?", re.IGNORECASE)


def literal_problems(scan: Scan, statement: exp.Expr) -> Iterator[Problem]:
    """Casts of literals in one statement that fail whatever the rows are."""
    for node in scan.every(statement, exp.Cast):
        if not isinstance(node.this, exp.Literal):
            continue
        literal = node.this
        reason = _unfit(literal.name.strip(), node.to, scan.dialect, is_text=literal.is_string)
        if reason:
            written = f"{node.to.sql(scan.dialect)} {scan.original(literal)}"
            yield scan.found(scan.place(node), "bad-literal", f"{written} {reason}")


def _unfit(value: str, wanted: exp.DataType, dialect: str, *, is_text: bool) -> str | None:
    """Why a type cannot hold a value; None when it can, or when that is not certain."""
    kind = {_T.TIMESTAMPTZ: _T.TIMESTAMP, _T.TIMESTAMPNTZ: _T.TIMESTAMP}.get(wanted.this, wanted.this)
    if wanted.is_type(*exp.DataType.INTEGER_TYPES):
        return _no_integer(value, wanted, is_text=is_text)
    if wanted.is_type(_T.DECIMAL, _T.DOUBLE, _T.FLOAT):
        return _no_number(value, wanted)
    if kind in _FORMS:
        return _no_date(value, kind, strict=dialect == "spark") if is_text else None
    if not is_text:
        return None
    if kind is _T.TIME:
        return None if _clock_exists(value) else f"is {value!r}, which is no time of the day"
    if kind is _T.BOOLEAN:
        return None if _TRUTHS[dialect].fullmatch(value) else f"is {value!r}, which is neither true nor false"
    if kind is _T.UUID:
        return None if _UUID.fullmatch(value) else f"is {value!r}, which is no UUID"
    return _no_json(value) if kind in (_T.JSON, _T.JSONB) else None


def _no_integer(value: str, wanted: exp.DataType, *, is_text: bool) -> str | None:
    try:
        number = (
            round(Decimal(value))
            if not is_text
            else int(value, 0 if value[:2].lower() in ("0x", "0o", "0b") else 10)
        )
    except (ValueError, InvalidOperation):
        return f"is {value!r}, which is no whole number" if is_text else None
    bits = _RANGES.get(wanted.this)
    fits = bits is None or -(2**bits) <= number < 2**bits
    return None if fits else f"is {value}, which is outside the range of the type"


def _no_number(value: str, wanted: exp.DataType) -> str | None:
    if re.fullmatch(r"nan|[+-]?inf(inity)?", value, re.IGNORECASE):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return f"is {value!r}, which is no number"
    sizes = [int(size.name) for size in wanted.expressions if size.name.isdigit()]
    if wanted.this is not _T.DECIMAL or not sizes or not number.is_finite():
        return None
    digits, scale = sizes[0], sizes[1] if len(sizes) > 1 else 0
    fits = abs(number) + Decimal(5).scaleb(-scale - 1) < Decimal(10) ** (digits - scale)
    left = digits - scale
    return (
        None
        if fits
        else f"is {value}, but the type has {left} digit{'' if left == 1 else 's'} before the point"
    )


def _no_date(value: str, kind: exp.DType, *, strict: bool) -> str | None:
    pattern, form = _FORMS[kind]
    if strict and not pattern.fullmatch(value):
        return f"is {value!r}, which is not {form}"
    found, slashed = _DATE.match(value), _SLASHED.match(value)
    if found and not _day_exists(*(int(part) for part in found.groups())):
        return f"is {value!r}, which is no day of the calendar"
    if slashed and int(slashed[1]) > 12:
        return f"is {value!r}, which has no such month; write YYYY-MM-DD"
    is_word = value.lower() in _WORDS
    if (
        not strict
        and not is_word
        and (not re.search(r"\d.*\d.*\d", value) or re.fullmatch(r"\d{1,4}", value))
    ):
        return f"is {value!r}, which is no {kind.value.lower()}"
    return None if is_word or _clock_exists(value) else f"is {value!r}, which is no time of the day"


def _day_exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _clock_exists(value: str) -> bool:
    found = _TIME.search(value)
    if found is None:
        return True
    hour, minute, second = (int(part or 0) for part in found.groups())
    return (hour, minute, second) <= (24, 0, 0) and minute < 60 and second <= 60


def _no_json(value: str) -> str | None:
    try:
        json.loads(value)
    except ValueError:
        return f"is {value[:40]!r}, which is no JSON"
    return None
