"""Dates and timestamps that an old Spark wrote in the Julian calendar: SQL that moves them, or refuses them by name.

Spark before 3.0, and later ones in legacy mode, wrote a date before 1582-10-15 as the day number of the Julian date
with the same year, month and day. The tables here are Spark's own (RebaseDateTime).
"""

from __future__ import annotations

from datamart_exec.staging.cast import SHOWN, literal
from datamart_exec.staging.footers import FileColumn

# from this day (counted from 1970-01-01, as written) on, so many days are added; before the first, dates are BC
SHIFTS = (
    (-719164, 2),
    (-682945, 1),
    (-646420, 0),
    (-609895, -1),
    (-536845, -2),
    (-500320, -3),
    (-463795, -4),
    (-390745, -5),
    (-354220, -6),
    (-317695, -7),
    (-244645, -8),
    (-208120, -9),
    (-171595, -10),
)
GREGORIAN = "DATE '1582-10-15'"
STABLE = "TIMESTAMP '1900-01-01'"  # since then the time zones of both calendars agree


def moved(value: str, column: FileColumn, what: str) -> str:
    """SQL for the column's value in today's calendar; `what` starts the message for a value that stays unknown."""
    if column.calendar == "proleptic":
        return value
    if column.type.sql == "DATE":
        return _moved(value, value, what, "")
    plain = f"CAST({value} AS TIMESTAMP)"
    if column.calendar == "julian" and column.utc:
        return _moved(plain, f"CAST({plain} AS DATE)", what, " DAY")
    refusal = _refusal(
        plain, what, "is before 1900 and may be in the Julian calendar of an old writer; write the file again"
    )
    return f"CASE WHEN {plain} < {STABLE} THEN CAST({refusal} AS TIMESTAMP) ELSE {plain} END"


def _moved(value: str, day: str, what: str, unit: str) -> str:
    kind = "TIMESTAMP" if unit else "DATE"
    first = f"DATE '1970-01-01' + ({SHIFTS[0][0]})"
    refusal = _refusal(value, what, "is before the year 1 of the Julian calendar; write the file again")
    steps = " ".join(
        f"WHEN {day} >= DATE '1970-01-01' + ({start}) THEN {_plus(value, days, unit)}"
        for start, days in reversed(SHIFTS)
    )
    return (
        f"CASE WHEN {value} IS NULL OR NOT isfinite({value}) OR {day} >= {GREGORIAN} THEN {value}"
        f" WHEN {day} < {first} THEN CAST({refusal} AS {kind}) {steps} END"
    )


def _plus(value: str, days: int, unit: str) -> str:
    return f"{value} + INTERVAL ({days}) DAY" if unit else f"{value} + ({days})"


def _refusal(value: str, what: str, why: str) -> str:
    shown = f"left(CAST({value} AS VARCHAR), {SHOWN})"
    return f"error({literal(what + ': value ')} || {shown} || {literal(' ' + why)})"
