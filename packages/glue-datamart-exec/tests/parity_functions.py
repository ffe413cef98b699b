# ruff: noqa: E501 - one SELECT is one line
"""Forms of functions that are proven equal: name -> (table of `parity_grids`, expressions over its columns)."""

from __future__ import annotations

import re
from datetime import datetime

import parity_grids
import pyarrow as pa

FORMS: dict[str, tuple[str, list[str]]] = {
    # texts
    "upper and lower": ("cased", ["UPPER(s)", "LOWER(s)", "UCASE(s)", "LCASE(s)"]),
    "initcap": ("cased", ["INITCAP(s)"]),
    "ilike": ("cased", ["s ILIKE 'A%'", "s NOT ILIKE '%B%'"]),
    "trim": ("texts", ["TRIM(s)", "LTRIM(s)", "RTRIM(s)", "BTRIM(s)", "TRIM(LEADING FROM s)"]),
    "trim characters": ("texts", [
        "TRIM(LEADING '0' FROM s)", "TRIM(TRAILING ' a' FROM s)", "TRIM(BOTH 'ab é😀' FROM s)", "BTRIM(s, 'a-')",
        "TRIM(BOTH '\u0301' FROM s)",
    ]),
    "concat": ("pairs", ["CONCAT(s, p)", "CONCAT(s, '-', p)", "s || p"]),
    "concat_ws": ("triples", ["CONCAT_WS(q, s, p)", "CONCAT_WS('|', s, p, 'x')", "CONCAT_WS('', s)"]),
    "cast to varchar": ("texts", ["CAST(s AS VARCHAR(3))", "CAST(s AS CHAR(2))", "STRING(s)"]),
    "length": ("texts", ["LENGTH(s)", "CHAR_LENGTH(s)", "CHARACTER_LENGTH(s)", "LEN(s)"]),
    "substring of literals": ("texts", [
        "SUBSTRING(s, 1, 2)", "SUBSTR(s, 2)", "SUBSTRING(s, 0, 2)", "SUBSTRING(s, -2)", "SUBSTR(s, -3, 2)",
        "SUBSTRING(s FROM 2 FOR 3)", "SUBSTRING(s, 50, 1)",
    ]),
    "substring of columns": ("ranges", ["SUBSTRING(s, n, m)", "SUBSTR(s, m)"]),
    "left and right": ("counted", ["LEFT(s, n)", "RIGHT(s, n)", "LEFT(s, 3)", "RIGHT(s, 1)"]),
    "pad": ("texts", ["LPAD(s, 5, '0')", "RPAD(s, 3, 'é😀')", "LPAD(s, 4)", "RPAD(s, 0, 'x')", "LPAD(s, 12, 'ab')"]),
    "repeat": ("repeated", ["REPEAT(s, n)", "SPACE(n)", "REPEAT(s, 2)"]),
    "reverse": ("texts", ["REVERSE(s)"]),
    "replace": ("triples", ["REPLACE(s, p, q)", "REPLACE(s, p)", "REPLACE(s, '-', '')"]),
    "translate": ("triples", ["TRANSLATE(s, p, q)", "TRANSLATE(s, 'aab', 'xyz')", "TRANSLATE(s, 'abAé😀', 'xy')"]),
    "position": ("searched", [
        "INSTR(s, p)", "LOCATE(p, s)", "LOCATE(p, s, n)", "POSITION(p IN s)", "POSITION(p, s, n)",
    ]),
    "split_part": ("texts", [
        "SPLIT_PART(s, '-', 1)", "SPLIT_PART(s, '-', 2)", "SPLIT_PART(s, '-', -1)", "SPLIT_PART(s, '--', 3)",
        "SPLIT_PART(s, '.', 2)", "SPLIT_PART(s, 'aa', -2)",
    ]),
    "substring_index": ("texts", [
        "SUBSTRING_INDEX(s, '-', 1)", "SUBSTRING_INDEX(s, '-', 2)", "SUBSTRING_INDEX(s, 'a', -1)",
        "SUBSTRING_INDEX(s, '😀', -2)",
    ]),
    "parts of texts": ("pairs", ["STARTSWITH(s, p)", "ENDSWITH(s, p)", "CONTAINS(s, p)"]),
    "ascii and chr": ("texts", ["ASCII(s)", "CHR(65)", "CHAR(10)", "CHR(255)", "CHR(1)", "CHR(128)"]),
    "digests": ("texts", ["MD5(s)", "SHA(s)", "SHA1(s)", "SHA2(s, 256)", "HEX(s)"]),
    "like": ("texts", [
        "s LIKE '_'", "s LIKE '__'", "s LIKE '%-%'", "s NOT LIKE 'a%'", "s LIKE '%!%%' ESCAPE '!'",
        "s LIKE '%!_%' ESCAPE '!'", "s NOT LIKE '%!!%' ESCAPE '!'", "s LIKE '%\u0301%'",
    ]),
    "rlike": ("texts", [
        "s RLIKE '^[0-9]+$'", "s RLIKE '[a-z]$'", "s RLIKE '^[A-Z]'", "REGEXP_LIKE(s, '^([0-9]{2}-)+')", "s REGEXP 'a.c'",
        "s RLIKE '^.$'", "s RLIKE '^..$'", "s NOT RLIKE '[^a-zA-Z ]'", "s RLIKE '(a|ab)*c?$'", "s RLIKE '^(-|a)*$'",
        "s RLIKE 'x.y'", "s RLIKE '[é-ü]'", "s RLIKE '日|😀'", "s RLIKE '^$'", "s RLIKE 'b {1,2}'", "s RLIKE '[-. ]'",
    ]),
    "regexp_replace": ("texts", [
        "REGEXP_REPLACE(s, '[^0-9]', '')", "REGEXP_REPLACE(s, '[^A-Za-z0-9 ]', '_')", "REGEXP_REPLACE(s, ' +', ' ')",
        "REGEXP_REPLACE(s, '^0+', '')", "REGEXP_REPLACE(s, 'a|ab', 'X')", "REGEXP_REPLACE(s, '(a)(b)', 'X')",
        "REGEXP_REPLACE(s, 'a{2,3}', 'X')", "REGEXP_REPLACE(s, '.', 'X')", "REGEXP_REPLACE(s, '[^a]', '😀')",
        "REGEXP_REPLACE(s, '^[ -]', '')", "REGEXP_REPLACE(s, '-.', '')",
    ]),
    "regexp_extract": ("texts", [
        "REGEXP_EXTRACT(s, '([0-9]+)-([0-9]+)', 2)", "REGEXP_EXTRACT(s, '([0-9]+)')", "REGEXP_EXTRACT(s, '[0-9]+', 0)",
        "REGEXP_EXTRACT(s, '^(a|ab)(b*)', 2)", "REGEXP_EXTRACT(s, '(.+)-', 1)",
        "NULLIF(REGEXP_EXTRACT(s, '[a-z]+', 0), '')",
    ]),
    "text order": ("pairs", ["s < p", "s = p", "GREATEST(s, p)", "LEAST(s, p, 'a')", "s IS DISTINCT FROM p"]),
    "text choice": ("pairs", [
        "DECODE(s, p, 'same', 'a', 'letter', NULL, 'none', 'other')", "DECODE(s, 'A', 1, 'B', 2, 0)", "DECODE(s, 'A', 'x')", "NVL2(s, p, '?')",
        "NVL(s, p)", "IFNULL(s, p)", "NULLIF(s, p)", "ISNULL(s)", "ISNOTNULL(s)",
    ]),
    # numbers
    "compared ints": ("ints", ["i < j", "i <=> j", "i IS NOT DISTINCT FROM j", "GREATEST(i, j)", "LEAST(i, j, 0)"]),
    "divided ints": ("ints", ["i / j", "i DIV j", "CAST(i AS BIGINT) % j", "MOD(CAST(i AS BIGINT), j)"]),
    "compared bigs": ("bigs", ["i < j", "GREATEST(i, j)", "LEAST(i, j)", "i / j"]),
    "mixed ints": ("mixed_ints", ["i / j", "i % j", "i DIV j", "GREATEST(i, j)", "i = j", "SIGN(i)"]),
    "added ints": ("tame", [
        "i + j", "i - j", "i * j", "i + 1", "1 - i", "-i", "ABS(i)", "i * j - h", "(i + j) * 2", "i + 3000000000", "i * 10L",
    ]),
    "types of whole numbers": ("tame", [
        "NVL(i, j) + 1", "COALESCE(NULL, i) * 2", "GREATEST(i, j) + 1", "IF(i > 0, i, j) - 1", "NULLIF(i, 0) + 1",
        "CASE WHEN i > 0 THEN j ELSE i END * 2", "CASE WHEN i > 0 THEN 1 ELSE 2 END + 1", "ABS(i) + 1", "ROUND(i) + 1",
        "LENGTH('abc') + i", "-i + 1", "MOD(i, 7) + 1", "CAST(i AS BIGINT) + 1", "(i DIV 2) + 1", "CEIL(i) + 1",
        "i + NULL", "DECODE(i, 1, 2, 3) + 1", "LEAST(i, CAST(j AS BIGINT)) + 1",
    ]),
    "rounded ints": ("ints", ["ROUND(i)", "ROUND(i, 2)", "CEIL(i)", "FLOOR(j)", "CEILING(j)", "SIGNUM(i)"]),
    "decimals": ("decimals", [
        "d + e", "d - e", "d * e", "e * d", "d % e", "MOD(d, e)", "d + 1", "1 - e", "d * 2", "d * 1.5", "e * e * e",
        "GREATEST(d, e)", "LEAST(d, e, 0)", "d < e", "COALESCE(d, e)", "(d + e) * 2", "NULLIF(d, e)",
    ]),
    "equal decimals": ("same_decimals", ["d + e", "d - e", "d * e", "d % e"]),
    "decimals and ints": ("cents", ["d + i", "d * i", "d * (i % 3)", "ROUND(d * CASE WHEN i > 0 THEN 1 ELSE 3 END)", "i - d", "d % i", "l + d", "l * d", "d % l", "GREATEST(d, i)"]),
    "rounded decimals": ("decimals", [
        "ROUND(d)", "ROUND(d, 2)", "ROUND(d, 1)", "ROUND(d, 6)", "CEIL(d)", "FLOOR(d)", "ABS(d)", "-d", "SIGN(d)",
        "ROUND(e, 1)", "CEIL(e)", "FLOOR(e)", "CAST(d AS BIGINT)", "CAST(e AS INT)", "INT(e)", "CAST(d AS STRING)",
        "CAST(e AS STRING)", "CAST(d AS DOUBLE)", "CAST(e AS DOUBLE)", "ROUND(d * e, 2)", "CAST(ROUND(d, 2) AS DECIMAL(18,2))",
        "CAST(COALESCE(e, d) AS DECIMAL(18,2))", "CAST(d * e AS DECIMAL(38,2))",
    ]),
    "wide decimals": ("whole38", [
        "ROUND(d)", "ROUND(d, 2)", "CEIL(d)", "FLOOR(d)", "ABS(d)", "CAST(d AS STRING)", "CAST(d AS DOUBLE)", "SIGN(d)",
    ]),
    "fine decimals": ("fine", [
        "ROUND(d)", "ROUND(d, 5)", "CEIL(d)", "FLOOR(d)", "CAST(d AS STRING)", "CAST(d AS DOUBLE)", "-d",
    ]),
    "doubles": ("doubles", [
        "f + g", "f - g", "f * g", "f / g", "f < g", "f = g", "f <=> g", "GREATEST(f, g)", "LEAST(f, g)", "COALESCE(f, g)",
        "ABS(f)", "-f", "SIGN(f)", "NULLIF(f, g)",
    ]),
    "whole doubles": ("whole_doubles", ["CAST(f AS INT)", "CAST(f AS BIGINT)", "FLOOR(f)", "CEIL(f)"]),
    "cast to double": ("numbers", ["CAST(s AS DOUBLE)", "DOUBLE(s)"]),
    "cast ints to double": ("bigs", ["CAST(i AS DOUBLE)", "CAST(i AS STRING)"]),
    "try_cast": ("maybe", ["TRY_CAST(s AS INT)", "TRY_CAST(s AS BIGINT)", "TRY_CAST(s AS DECIMAL(12,2))"]),
    "try_cast to dates": ("maybe_dates", ["TRY_CAST(s AS DATE)"]),
    # NULL and truth
    "truths": ("truths", [
        "x IS TRUE", "x IS NOT TRUE", "y IS FALSE", "NOT x", "x AND y", "x OR y", "x <=> y", "x IS DISTINCT FROM y", "x < y",
        "CAST(x AS INT)", "CAST(x AS STRING)", "CAST(s AS BOOLEAN)", "NVL2(x, 1, 2)", "IF(x, 'a', 'b')", "GREATEST(x, y)",
        "DECODE(x, y, 'same', TRUE, 'true')", "CAST(x AS BIGINT)", "BOOLEAN(s)",
    ]),
    # dates and timestamps
    **{
        f"parts of {table}": (table, [
            *(f"{name}({column})" for name in (
                "YEAR", "MONTH", "DAY", "DAYOFMONTH", "QUARTER", "WEEKOFYEAR", "DAYOFYEAR", "DAYOFWEEK", "LAST_DAY",
                "HOUR", "MINUTE", "SECOND", "TO_DATE",
            )),
            *(f"EXTRACT({part} FROM {column})" for part in ("YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE")),
            f"DATE_PART('MONTH', {column})",
        ])
        for table, column in (("days", "d"), ("times", "t"), ("zoned", "t"))
    },
    **{
        f"truncated {table}": (table, [
            *(f"TRUNC({column}, '{unit}')" for unit in ("YEAR", "yyyy", "YY", "QUARTER", "MONTH", "MM", "mon", "WEEK")),
            *(f"DATE_TRUNC('{unit}', {column})" for unit in (
                "YEAR", "YYYY", "YY", "QUARTER", "MONTH", "MM", "MON", "WEEK", "DAY", "DD", "HOUR", "MINUTE", "second",
            )),
            *(f"NEXT_DAY({column}, '{name}')" for name in ("MO", "TUE", "Wednesday", "TH", "FRI", "SAT", "SUNDAY")),
        ])
        for table, column in (("days", "d"), ("times", "t"), ("zoned", "t"))
    },
    **{
        f"written {table}": (table, [
            *(f"DATE_FORMAT({column}, '{form}')" for form in (
                "yyyy-MM-dd", "yyyyMMdd", "MM/dd/yyyy", "yyyyMM", "yyyy", "MM", "dd", "dd-MMM-yyyy", "MMMM", "EEE", "EEEE",
                "yyyy-MM-dd HH:mm:ss", "HH:mm:ss.SSS", "yyyyMMddHHmmssSSSSSS", "dd.MM.yyyy, HH:mm", "yyyy_MM",
            )),
            f"CAST({column} AS STRING)",
        ])
        for table, column in (("days", "d"), ("times", "t"), ("zoned", "t"))
    },
    "shifted dates": ("shifted", [
        "ADD_MONTHS(d, n)", "DATE_ADD(d, n)", "DATE_SUB(d, n)", "d + n", "d - n", "d + 1",
        "ADD_MONTHS(d, -1)", "DATE_SUB(d, 1)",
    ]),
    "shifted times": ("times", [
        "ADD_MONTHS(t, 1)", "DATE_ADD(t, 1)", "t + INTERVAL 1 DAY", "t - INTERVAL '13' MONTH", "t + INTERVAL 90 SECONDS",
        "t - INTERVAL 1 YEAR", "t + INTERVAL 30 MINUTES", "t - INTERVAL 5 HOUR",
    ]),
    "dates and intervals": ("days", [
        "d + INTERVAL 1 DAY", "d - INTERVAL 13 MONTHS", "d - INTERVAL '1' YEAR", "d + INTERVAL 1 MONTH",
        "CAST(d AS TIMESTAMP) + INTERVAL 1 HOUR",
    ]),
    "differences of dates": ("day_pairs", [
        "DATEDIFF(d, e)", "DATE_DIFF(d, e)", "MONTHS_BETWEEN(d, e)", "d < e", "GREATEST(d, e)", "LEAST(d, e)", "NVL(d, e)",
    ]),
    "differences of times": ("time_pairs", ["DATEDIFF(t, u)", "MONTHS_BETWEEN(t, u)", "t < u", "GREATEST(t, u)"]),
    "dates and times": ("day_times", ["DATEDIFF(d, t)", "MONTHS_BETWEEN(d, t)", "MONTHS_BETWEEN(t, d)", "d < t"]),
    "make_date": ("date_parts", ["MAKE_DATE(y, m, n)"]),
    "parts of texts of dates": ("iso", ["YEAR(s)", "DATEDIFF(s, '2024-01-01')", "TO_DATE(s)", "CAST(s AS DATE)", "DATE(s)", "TIMESTAMP(s)", "TO_TIMESTAMP(s)"]),
}  # fmt: skip

# formats that a text is read in; the grid of each is dates written in it, and the same in lower and upper case
READ_FORMATS = {
    "yyyy-MM-dd": "%Y-%m-%d", "yyyyMMdd": "%Y%m%d", "MM/dd/yyyy": "%m/%d/%Y", "dd/MM/yyyy": "%d/%m/%Y",
    "dd-MMM-yyyy": "%d-%b-%Y", "yyyy/MM/dd": "%Y/%m/%d", "dd.MM.yyyy": "%d.%m.%Y", "yyyyMM": "%Y%m", "yyyy": "%Y",
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S", "yyyyMMddHHmmss": "%Y%m%d%H%M%S", "MM/dd/yyyy HH:mm": "%m/%d/%Y %H:%M",
    "yyyy-MM-dd HH:mm:ss.SSSSSS": "%Y-%m-%d %H:%M:%S.%f", "dd-MMM-yyyy HH:mm:ss": "%d-%b-%Y %H:%M:%S",
}  # fmt: skip


def written(moment: datetime, form: str) -> str:
    return moment.strftime(form.replace("%Y", f"{moment.year:04}"))  # strftime writes the year 1 as 1


for name, form in READ_FORMATS.items():
    table = f"written_{len(FORMS)}"
    moments = [each for each in parity_grids.TIMES if each is not None]
    texts = [written(each, form) for each in moments]
    values: list[str | None] = [None, *texts, *map(str.upper, texts), *map(str.lower, texts)]
    parity_grids.GRIDS[table] = parity_grids.crossed(s=(pa.string(), values))
    FORMS[f"read as {name}"] = (table, [f"TO_DATE(s, '{name}')", f"TO_TIMESTAMP(s, '{name}')"])

# SELECTs over the tables of `parity_cases` and the grids; {grid} is a table of `parity_grids`
QUERIES: dict[str, str] = {
    "sums": "SELECT n AS id, SUM(i) AS a, SUM(DISTINCT i) AS b, COUNT_IF(i > 0) AS c FROM {shaped} GROUP BY n",
    "sums of decimals": "SELECT e AS id, SUM(d) AS a, SUM(DISTINCT d) AS b, SUM(d * 2) AS c FROM {decimals} GROUP BY e",
    "sums of bigs": "SELECT i AS id, SUM(CAST(i AS DECIMAL(38,0))) AS a, MAX(j) AS b FROM {bigs} GROUP BY i",
    "all and some": "SELECT x AS id, BOOL_AND(y) AS a, BOOL_OR(y) AS b, EVERY(y) AS c, SOME(y) AS d, MAX(y) AS e, MIN(y) AS f FROM {truths} GROUP BY x",
    "largest": "SELECT n AS id, MAX(s) AS a, MIN(s) AS b, COUNT(DISTINCT s) AS c FROM {counted} GROUP BY n",
    "largest doubles": "SELECT f AS id, MAX(g) AS a, MIN(g) AS b FROM {doubles} WHERE f <> CAST(0 AS DOUBLE) GROUP BY f",
    "neighbours": "SELECT id, LAG(i) OVER (ORDER BY id) AS a, LEAD(i, 2) OVER (PARTITION BY j ORDER BY id) AS b, LAG(i, 3, -9) OVER (ORDER BY id DESC) AS c, LEAD(i) IGNORE NULLS OVER (ORDER BY id) AS d, LAG(i) RESPECT NULLS OVER (ORDER BY id) AS e FROM {ints}",
    "first and last": "SELECT id, FIRST_VALUE(i) OVER (PARTITION BY j ORDER BY id) AS a, LAST_VALUE(i) OVER (ORDER BY id) AS b, FIRST_VALUE(i) IGNORE NULLS OVER (ORDER BY id DESC) AS c, LAST_VALUE(i) IGNORE NULLS OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS d FROM {ints}",
    "frames": "SELECT id, SUM(i) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS a, MAX(i) OVER (ORDER BY id ROWS 3 PRECEDING) AS b, COUNT(i) OVER (PARTITION BY j ORDER BY i, id RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS c, SUM(i) OVER (ORDER BY j) AS d, SUM(i) OVER () AS e FROM {ints}",
    "windows of decimals": "SELECT id, SUM(d) OVER (PARTITION BY e ORDER BY id) AS a, MAX(d) OVER (PARTITION BY e) AS b, COALESCE(SUM(d) OVER (PARTITION BY e), 0) AS c FROM {decimals}",
    "ranks": "SELECT id, NTILE(5) OVER (ORDER BY id) AS a, PERCENT_RANK() OVER (ORDER BY i) AS b, CUME_DIST() OVER (PARTITION BY j ORDER BY i DESC) AS c, ROW_NUMBER() OVER (ORDER BY i DESC NULLS LAST, id) AS d, RANK() OVER (ORDER BY i) AS e FROM {ints}",
    "order of doubles": "SELECT id, DENSE_RANK() OVER (ORDER BY f) AS a, RANK() OVER (ORDER BY f DESC) AS b FROM {doubles}",
    "order of texts": "SELECT id, DENSE_RANK() OVER (ORDER BY s) AS a, RANK() OVER (ORDER BY s DESC NULLS FIRST) AS b FROM {pairs}",
    "right join": "SELECT r.id AS id, l.id AS a, l.s AS b FROM {counted} l RIGHT JOIN {texts} r ON l.s = r.s AND l.n = 1",
    "full join": "SELECT l.id AS id, r.id AS a FROM {days} l FULL OUTER JOIN {iso} r ON CAST(l.d AS STRING) = r.s",
    "semi join": "SELECT l.id, l.s FROM {texts} l LEFT SEMI JOIN {iso} r ON LENGTH(l.s) = LENGTH(r.s)",
    "anti join": "SELECT l.id, l.s FROM {texts} l LEFT ANTI JOIN {pairs} r ON l.s = r.p",
    "anti join of nulls": "SELECT l.id, l.s FROM {texts} l ANTI JOIN {maybe} r ON l.s = r.s WHERE l.id > 2",
    "intersect": "SELECT s FROM {texts} INTERSECT SELECT p FROM {pairs}",
    "except": "SELECT s FROM {texts} EXCEPT SELECT p FROM {pairs}",
    "minus": "SELECT i FROM {mixed_ints} MINUS SELECT j FROM {mixed_ints}",
    "group by an expression": "SELECT YEAR(d) AS id, COUNT(*) AS a, SUM(MONTH(d)) AS b FROM {days} GROUP BY YEAR(d) HAVING SUM(DAY(d)) > 20",
    "nested": "SELECT q.id, q.a || '!' AS b FROM (SELECT id, COALESCE(NULLIF(TRIM(REPLACE(s, '-', ' ')), ''), '?') AS a FROM {texts}) q WHERE LENGTH(q.a) + 1 > 2",
    "arithmetic of a subquery": "SELECT q.id, q.a * 2 AS b, q.a + q.c AS e FROM (SELECT id, SUM(d) AS a, COUNT(*) AS c FROM {cents} GROUP BY id) q",
}  # fmt: skip
AGGREGATES = {name: re.sub(r"\{(\w+)\}", r"`fsa-parity-cars`.`\1`", sql) for name, sql in QUERIES.items()}
parity_grids.GRIDS["shaped"] = parity_grids.crossed(
    n=(parity_grids.i32, [1, 2, None]), i=(parity_grids.i32, parity_grids.INTS)
)


def selected(name: str) -> str:
    """The SELECT that compares all forms of a name."""
    table, expressions = FORMS[name]
    items = ", ".join(f"{text} AS c{number}" for number, text in enumerate(expressions))
    return f"SELECT id, {items} FROM `fsa-parity-cars`.`{table}`"
