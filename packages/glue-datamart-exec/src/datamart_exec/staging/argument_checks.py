"""What the arguments of some functions must be: each check returns why a node is not proven equal, or None.

Most functions take any value; these take literals out of a proven list, or stand in a proven place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlglot import exp

from datamart_exec.staging import formats, patterns

UNITS = {
    "YEAR": "year", "YYYY": "year", "YY": "year", "QUARTER": "quarter", "MONTH": "month", "MM": "month", "MON": "month",
    "WEEK": "week",
}  # fmt: skip
TIME_UNITS = {**UNITS, "DAY": "day", "DD": "day", "HOUR": "hour", "MINUTE": "minute", "SECOND": "second"}
DAYS = {
    name: number
    for number, names in enumerate(
        ("MO MON MONDAY", "TU TUE TUESDAY", "WE WED WEDNESDAY", "TH THU THURSDAY", "FR FRI FRIDAY",
         "SA SAT SATURDAY", "SU SUN SUNDAY"), start=1,
    )
    for name in names.split()
}  # fmt: skip
NOT_ONE_CHARACTER = "with a separator other than one literal character is not proven equal"
LIMIT = 10_000  # characters that LPAD, RPAD may make


def is_whole(node: object, least: int = 0, most: int = 2**31 - 1) -> bool:
    return isinstance(node, exp.Literal) and node.is_int and least <= int(node.name) <= most


def _trim(node: exp.Expr) -> str | None:
    characters = node.args.get("expression")
    if characters is None:
        return None
    if not node.args.get("position") or node.meta.get("written") in ("LTRIM", "RTRIM"):
        return "of two arguments takes the characters first in Spark; write TRIM(LEADING 'x' FROM text), TRAILING or BOTH"
    literal = characters.is_string and characters.name
    return None if literal else "of characters that are not a literal is not proven equal"


def _pad(node: exp.Expr) -> str | None:
    fill = node.args.get("fill_pattern")
    if is_whole(node.expression, 0, LIMIT) and (fill is None or (fill.is_string and fill.name)):
        return None
    return f"with a length other than a literal up to {LIMIT}, or a filling that is not a literal, is not proven equal"


def _one_character(node: exp.Expr) -> str | None:
    delimiter = node.args["delimiter"]
    if not delimiter.is_string or len(delimiter.name) != 1:
        return NOT_ONE_CHARACTER
    return _index(node.args["count"])


def _split_part(node: exp.Expr) -> str | None:
    delimiter = node.args["delimiter"]
    if not delimiter.is_string or not delimiter.name:
        return "with a separator that is not a literal is not proven equal"
    return _index(node.args["part_index"])


def _index(node: exp.Expr) -> str | None:
    number = node.this if isinstance(node, exp.Neg) else node
    return None if is_whole(number, 1) else "with a number other than a literal except 0 is not proven equal"


def _chr(node: exp.Expr) -> str | None:
    known = len(node.expressions) == 1 and is_whole(node.expressions[0], 1, 255)
    return None if known else "of anything but a literal from 1 to 255 is not proven equal"


def _sha2(node: exp.Expr) -> str | None:
    return (
        None
        if is_whole(node.args.get("length"), 256, 256)
        else "with another length than 256 is not proven equal"
    )


def _concat_ws(node: exp.Expr) -> str | None:
    return None if len(node.expressions) > 1 else "without texts is not proven equal"


def _pattern(node: exp.Expr) -> str | None:
    if not node.expression.is_string:
        return "with a pattern that is not a literal is not proven equal"
    problem = patterns.problem(node.expression.name, searching=isinstance(node, exp.RegexpLike))
    if problem or not isinstance(node, (exp.RegexpReplace, exp.RegexpExtract)):
        return problem
    if isinstance(node, exp.RegexpReplace):
        text = node.args["replacement"]
        return (
            None
            if text.is_string and "$" not in text.name
            else "by a text with $, or not a literal, is not proven equal"
        )
    group, known = node.args.get("group"), patterns.groups(node.expression.name)
    return (
        None
        if group is None or is_whole(group, 0, known)
        else f"of a group beyond the {known} of its pattern is an error"
    )


def _round(node: exp.Expr) -> str | None:
    digits = node.args.get("decimals")
    return (
        None
        if digits is None or is_whole(digits, 0, 38)
        else "to digits other than a literal from 0 up is not proven equal"
    )


def _format(node: exp.Expr) -> str | None:
    text = node.args.get("format")
    if text is None:
        return None
    if not text.is_string:
        return "with a format that is not a literal is not proven equal"
    return formats.problem(text.name, reading=not isinstance(node, exp.TimeToStr))


def _unit(known: Iterable[str]) -> Callable[[exp.Expr], str | None]:
    def check(node: exp.Expr) -> str | None:
        unit = node.args["unit"]
        found = isinstance(unit, (exp.Literal, exp.Var)) and unit.name.upper() in known
        return (
            None
            if found
            else f"to {unit.name or 'a unit that is no literal'} is not among {', '.join(known)}"
        )

    return check


def _add_days(node: exp.Expr) -> str | None:
    return None if node.args["unit"].name.upper() == "DAY" else "of anything but days is not proven equal"


def _next_day(node: exp.Expr) -> str | None:
    known = node.expression.is_string and node.expression.name.upper() in DAYS
    return None if known else "with a day that is not a literal such as 'MON' is not proven equal"


def _single(node: exp.Expr) -> str | None:
    many = isinstance(node.this, exp.Distinct) and len(node.this.expressions) != 1
    return "of several distinct values is not proven equal" if many else None


def _offset(node: exp.Expr) -> str | None:
    offset = node.args.get("offset")
    return (
        None
        if offset is None or is_whole(offset)
        else "with an offset that is not a literal is not proven equal"
    )


def _ntile(node: exp.Expr) -> str | None:
    return None if is_whole(node.this, 1) else "of anything but a literal is not proven equal"


CHECKS: dict[type[exp.Expr], Callable[[exp.Expr], str | None]] = {
    exp.Trim: _trim,
    exp.Pad: _pad,
    exp.SubstringIndex: _one_character,
    exp.SplitPart: _split_part,
    exp.Chr: _chr,
    exp.SHA2: _sha2,
    exp.ConcatWs: _concat_ws,
    exp.RegexpLike: _pattern,
    exp.RegexpReplace: _pattern,
    exp.RegexpExtract: _pattern,
    exp.Round: _round,
    exp.TsOrDsToDate: _format,
    exp.StrToTime: _format,
    exp.TimeToStr: _format,
    exp.DateTrunc: _unit(UNITS),
    exp.TimestampTrunc: _unit(TIME_UNITS),
    exp.TsOrDsAdd: _add_days,
    exp.NextDay: _next_day,
    exp.Count: _single,
    exp.Sum: _single,
    exp.Lag: _offset,
    exp.Lead: _offset,
    exp.Ntile: _ntile,
}
