"""The functions of staging scripts: how Spark names each, what it takes and gives, and what DuckDB computes instead.

A row is proven by cases in `tests/parity_functions.py`, which compare values and types over edge values. A body is a
macro whose parameters are the parts of the syntax node; without a body sqlglot's own translation is equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

T = exp.DataType.Type
SAME = None  # the type of the first part
TEXT, WHOLE, NUMBER, ANY_NUMBER, DAY, TRUTH, ANY = (
    "text",
    "whole number",
    "number",
    "number or double",
    "date or timestamp",
    "boolean",
    "any",
)
MAX_INT = "2147483647"
DAY_OF = "CAST(this AS DATE)"
START = (
    "CASE WHEN start > 0 THEN CAST(start AS BIGINT) - 1 WHEN start < 0 THEN length(this) + start ELSE 0 END"
)
SUBSTRING = (
    f"CASE WHEN start IS NOT NULL AND length IS NOT NULL THEN substring(this, greatest({START}, 0) + 1,"
    f" greatest(0, least({START} + length, {MAX_INT}) - greatest({START}, 0))) END"
)
POSITION = (
    "CAST(CASE WHEN position IS NULL THEN 0 WHEN this IS NULL OR substr IS NULL THEN NULL WHEN position <= 0 THEN 0"
    " WHEN substr = '' THEN 1 WHEN position > length(this) + 1 THEN 0"
    " WHEN instr(substring(this, CAST(position AS BIGINT)), substr) = 0 THEN 0"
    " ELSE instr(substring(this, CAST(position AS BIGINT)), substr) + position - 1 END AS INTEGER)"
)
SIGN = "CASE WHEN isnan(CAST(this AS DOUBLE)) THEN CAST(this AS DOUBLE) ELSE CAST(sign(this) AS DOUBLE) END"
PART_OF = "string_split(this, delimiter)"
MONTHS = "((year({0}) - year({1})) * 12 + month({0}) - month({1}))".format(
    "CAST(this AS TIMESTAMP)", "CAST(expression AS TIMESTAMP)"
)
SECONDS = " + ".join(
    f"({unit}(CAST(this AS TIMESTAMP)) - {unit}(CAST(expression AS TIMESTAMP))) * {seconds}"
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
)
LAST = "CAST({0} AS DATE) = last_day(CAST({0} AS DATE))"
MONTHS_BETWEEN = (
    f"CASE WHEN day(this) = day(expression) OR ({LAST.format('this')} AND {LAST.format('expression')})"
    f" THEN CAST({MONTHS} AS DOUBLE)"
    f" ELSE floor((CAST({MONTHS} AS DOUBLE) + CAST({SECONDS} AS DOUBLE) / 2678400) * 1e8 + 0.5) / 1e8 END"
)


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its names in Spark, the parts of its node with what each takes, its type, and DuckDB's body."""

    names: tuple[str, ...]
    parts: dict[str, str]  # part -> what it takes
    gives: exp.DType | None
    body: str
    defaults: dict[str, str]  # part -> SQL for a part that the script leaves out
    window: bool = False  # needs OVER with ORDER BY


def _row(
    names: str, parts: str = "", gives: exp.DType | None = SAME, body: str = "", *, window: bool = False
) -> Function:
    """`parts` is a list such as `this=text, length=whole number ?2`, where `?` gives the default of a part."""
    takes: dict[str, str] = {}
    defaults: dict[str, str] = {}
    for each in filter(None, parts.split(", ")):
        name, _, rest = each.partition("=")
        takes[name], mark, default = rest.partition(" ?")
        if mark:
            defaults[name] = default
    return Function(tuple(names.split()), takes, gives, body, defaults, window)


def _day_part(names: str, body: str) -> Function:
    return _row(names, "this=date or timestamp", T.INT, f"CAST({body} AS INTEGER)")


TWO_TEXTS = "this=text, expression=text"

FUNCTIONS: dict[type[exp.Expr], Function] = {
    # texts
    exp.Upper: _row("UPPER UCASE", "this=text", T.VARCHAR),
    exp.Lower: _row("LOWER LCASE", "this=text", T.VARCHAR),
    exp.Initcap: _row("INITCAP", TWO_TEXTS, T.VARCHAR),
    exp.Trim: _row("TRIM LTRIM RTRIM BTRIM", "this=text, expression=text, position=any", T.VARCHAR),
    exp.Concat: _row("CONCAT", "expressions=text, safe=any, coalesce=any", T.VARCHAR),
    exp.ConcatWs: _row("CONCAT_WS", "expressions=text, safe=any, coalesce=any, flatten=any", T.VARCHAR),
    exp.Length: _row("LENGTH CHAR_LENGTH CHARACTER_LENGTH LEN", "this=text", T.INT, "CAST(length(this) AS INTEGER)"),
    exp.Substring: _row(
        "SUBSTRING SUBSTR", f"this=text, start=whole number, length=whole number ?{MAX_INT}", T.VARCHAR, SUBSTRING
    ),
    exp.Left: _row(
        "LEFT", "this=text, expression=whole number", T.VARCHAR,
        "CASE WHEN expression IS NOT NULL THEN left(this, greatest(expression, 0)) END",
    ),
    exp.Right: _row(
        "RIGHT", "this=text, expression=whole number", T.VARCHAR,
        "CASE WHEN expression IS NOT NULL THEN right(this, greatest(expression, 0)) END",
    ),
    exp.Pad: _row("LPAD RPAD", "this=text, expression=any, fill_pattern=text, is_left=any", T.VARCHAR),
    exp.Repeat: _row("REPEAT", "this=text, times=whole number", T.VARCHAR, "repeat(this, times)"),
    exp.Space: _row("SPACE", "this=whole number", T.VARCHAR, "repeat(' ', this)"),
    exp.Reverse: _row("REVERSE", "this=text", T.VARCHAR, "array_to_string(list_reverse(string_split(this, '')), '')"),
    exp.Replace: _row(
        "REPLACE", "this=text, expression=text, replacement=text ?''", T.VARCHAR, "replace(this, expression, replacement)"
    ),
    exp.Translate: _row("TRANSLATE", "this=text, from_=text, to=text", T.VARCHAR, 'translate(this, from_, "to")'),
    exp.StrPosition: _row(
        "INSTR LOCATE POSITION", "this=text, substr=text, position=whole number ?1", T.INT, POSITION
    ),
    exp.SplitPart: _row(
        "SPLIT_PART", "this=text, delimiter=text, part_index=whole number", T.VARCHAR,
        "split_part(this, delimiter, part_index)",
    ),
    exp.SubstringIndex: _row(
        "SUBSTRING_INDEX", "this=text, delimiter=text, count=whole number", T.VARCHAR,
        f"array_to_string(CASE WHEN count > 0 THEN {PART_OF}[1:count] ELSE {PART_OF}[count:] END, delimiter)",
    ),
    exp.StartsWith: _row("STARTSWITH", TWO_TEXTS, T.BOOLEAN, "starts_with(this, expression)"),
    exp.EndsWith: _row("ENDSWITH", TWO_TEXTS, T.BOOLEAN, "ends_with(this, expression)"),
    exp.Contains: _row("CONTAINS", TWO_TEXTS, T.BOOLEAN, "contains(this, expression)"),
    exp.Ascii: _row("ASCII", "this=text", T.INT, "ascii(this)"),
    exp.Chr: _row("CHR CHAR", "expressions=whole number", T.VARCHAR),
    exp.MD5: _row("MD5", "this=text", T.VARCHAR, "md5(this)"),
    exp.SHA: _row("SHA SHA1", "this=text", T.VARCHAR, "sha1(this)"),
    exp.SHA2: _row("SHA2", "this=text, length=whole number", T.VARCHAR, "sha256(this)"),
    exp.Hex: _row("HEX", "this=text", T.VARCHAR, "hex(this)"),
    exp.RegexpLike: _row("REGEXP_LIKE RLIKE REGEXP", TWO_TEXTS, T.BOOLEAN, "regexp_matches(this, expression)"),
    exp.RegexpReplace: _row(
        "REGEXP_REPLACE", "this=text, expression=text, replacement=text", T.VARCHAR,
        "regexp_replace(this, expression, replacement, 'g')",
    ),
    exp.RegexpExtract: _row(
        "REGEXP_EXTRACT", "this=text, expression=text, group=whole number ?1, null_if_pos_overflow=any", T.VARCHAR
    ),
    # NULL and choice
    exp.Coalesce: _row("COALESCE NVL IFNULL", "this=any, expressions=any"),
    exp.Nullif: _row("NULLIF", "this=any, expression=any"),
    exp.If: _row("IF", "this=any, true=any, false=any"),
    exp.Case: _row("CASE", "this=any, ifs=any, default=any"),
    exp.Greatest: _row("GREATEST", "this=any, expressions=any, ignore_nulls=any"),
    exp.Least: _row("LEAST", "this=any, expressions=any, ignore_nulls=any"),
    # numbers
    exp.Abs: _row("ABS", "this=number or double"),
    exp.Sign: _row("SIGN SIGNUM", "this=number or double", T.DOUBLE, SIGN),
    exp.Ceil: _row("CEIL CEILING", "this=number or double"),
    exp.Floor: _row("FLOOR", "this=number or double"),
    exp.Round: _row("ROUND", "this=number, decimals=whole number"),
    # casts
    exp.Cast: _row("CAST INT STRING DATE TIMESTAMP DOUBLE BOOLEAN TO_TIMESTAMP", "this=any, to=any"),
    exp.TryCast: _row("CAST TRY_CAST", "this=any, to=any, safe=any, requires_string=any"),
    exp.TsOrDsToDate: _row("TO_DATE", "this=any, safe=any, format=any", T.DATE),
    exp.StrToTime: _row("TO_TIMESTAMP", "this=text, format=any", T.TIMESTAMP),
    exp.TimeToStr: _row("DATE_FORMAT", "this=date or timestamp, format=any", T.VARCHAR),
    # dates and timestamps
    exp.Year: _day_part("YEAR", f"year({DAY_OF})"),
    exp.Quarter: _day_part("QUARTER", f"quarter({DAY_OF})"),
    exp.Month: _day_part("MONTH", f"month({DAY_OF})"),
    exp.WeekOfYear: _day_part("WEEKOFYEAR", f"weekofyear({DAY_OF})"),
    exp.Day: _day_part("DAY", f"day({DAY_OF})"),
    exp.DayOfMonth: _day_part("DAYOFMONTH", f"day({DAY_OF})"),
    exp.DayOfWeek: _day_part("DAYOFWEEK", f"dayofweek({DAY_OF}) + 1"),
    exp.DayOfYear: _day_part("DAYOFYEAR", f"dayofyear({DAY_OF})"),
    exp.Hour: _day_part("HOUR", "hour(CAST(this AS TIMESTAMP))"),
    exp.Minute: _day_part("MINUTE", "minute(CAST(this AS TIMESTAMP))"),
    exp.Second: _day_part("SECOND", "second(CAST(this AS TIMESTAMP))"),
    exp.DateFromParts: _row(
        "MAKE_DATE", "year=whole number, month=whole number, day=whole number", T.DATE, "make_date(year, month, day)"
    ),
    exp.LastDay: _row("LAST_DAY", "this=date or timestamp", T.DATE, f"last_day({DAY_OF})"),
    exp.NextDay: _row("NEXT_DAY", "this=date or timestamp, expression=any", T.DATE),
    exp.AddMonths: _row(
        "ADD_MONTHS", "this=date or timestamp, expression=whole number", T.DATE,
        f"CAST({DAY_OF} + to_months(CAST(expression AS INTEGER)) AS DATE)",
    ),
    exp.MonthsBetween: _row(
        "MONTHS_BETWEEN", "this=date or timestamp, expression=date or timestamp", T.DOUBLE, MONTHS_BETWEEN
    ),
    exp.TsOrDsAdd: _row(
        "DATE_ADD DATE_SUB", "this=date or timestamp, expression=whole number, unit=any", T.DATE,
        f"{DAY_OF} + CAST(expression AS INTEGER)",
    ),
    exp.DateDiff: _row(
        "DATEDIFF DATE_DIFF", "this=date or timestamp, expression=date or timestamp", T.INT,
        "CAST(CAST(this AS DATE) - CAST(expression AS DATE) AS INTEGER)",
    ),
    exp.DateTrunc: _row("TRUNC", "this=date or timestamp, unit=any", T.DATE),
    exp.TimestampTrunc: _row("DATE_TRUNC", "this=date or timestamp, unit=any", T.TIMESTAMP),
    # aggregates and windows
    exp.Max: _row("MAX", "this=any"),
    exp.Min: _row("MIN", "this=any"),
    exp.Count: _row("COUNT", "this=any, big_int=any", T.BIGINT),
    exp.CountIf: _row("COUNT_IF", "this=boolean", T.BIGINT),
    exp.Sum: _row("SUM", "this=number"),
    exp.LogicalAnd: _row("BOOL_AND EVERY", "this=boolean", T.BOOLEAN),
    exp.LogicalOr: _row("BOOL_OR SOME", "this=boolean", T.BOOLEAN),
    exp.RowNumber: _row("ROW_NUMBER", gives=T.INT, window=True),
    exp.Rank: _row("RANK", gives=T.INT, window=True),
    exp.DenseRank: _row("DENSE_RANK", gives=T.INT, window=True),
    exp.PercentRank: _row("PERCENT_RANK", gives=T.DOUBLE, window=True),
    exp.CumeDist: _row("CUME_DIST", gives=T.DOUBLE, window=True),
    exp.Ntile: _row("NTILE", "this=whole number", T.INT, window=True),
    exp.Lag: _row("LAG", "this=any, offset=whole number, default=any", window=True),
    exp.Lead: _row("LEAD", "this=any, offset=whole number, default=any", window=True),
    exp.FirstValue: _row("FIRST_VALUE", "this=any", window=True),
    exp.LastValue: _row("LAST_VALUE", "this=any", window=True),
}  # fmt: skip
