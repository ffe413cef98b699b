# ruff: noqa: E501 - one case is one line
"""Types that meet in one expression, and columns that are not there: refused with the place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datamart_exec.errors import DatamartError
from datamart_exec.staging import schema, script
from datamart_exec.staging.sources import File, Source
from datamart_exec.staging.translate import Translation, translate
from datamart_exec.storage import StoredObject

T, U = "`fsa-dev-cars`.`t`", "`fsa-dev-cars`.`u`"


@pytest.fixture
def path(tmp_path: Path) -> str:
    table = pa.table(
        {
            "Num": pa.array([1], pa.int64()),
            "txt": ["a"],
            "dt": pa.array([1], pa.date32()),
            "ts": pa.array([1], pa.timestamp("us")),
            "flag": [True],
            "dbl": [1.5],
            "nested": [[1]],
            "wide": pa.array([Decimal("2.5")], pa.decimal128(38, 6)),
            "whole": pa.array([Decimal(3)], pa.decimal128(38, 0)),
            "fine": pa.array([Decimal("0.5")], pa.decimal128(38, 30)),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    return str(tmp_path / "t.parquet")


def translated(sql: str, path: str) -> Translation:
    parsed = script.parse("S", sql)
    with duckdb.connect() as connection:
        sources = [
            Source(reference, (File(StoredObject(path, "", 1), path, None),), None)
            for reference in parsed.references
        ]
        return translate(parsed, [schema.read(connection, parsed, source) for source in sources])


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (f"SELECT num FROM {T} WHERE num = '1'", "mixes number and text, which Spark and DuckDB convert differently; CAST one side"),
        (f"SELECT num FROM {T} WHERE txt = 1", "mixes number and text"),
        (f"SELECT num FROM {T} WHERE dbl = num", "mixes float and number"),
        (f"SELECT t.num FROM {T} t JOIN {U} u ON t.num = u.txt", "mixes number and text"),
        (f"SELECT COALESCE(dt, '9999-12-31') AS d FROM {T}", "mixes date and text"),
        (f"SELECT CASE WHEN flag THEN num ELSE txt END AS d FROM {T}", "mixes number and text"),
        (f"SELECT UPPER(num) AS d FROM {T}", "takes text, found number; CAST it"),
        (f"SELECT num FROM {T} WHERE num", "takes boolean, found number"),
        (f"SELECT IF(num, 1, 2) AS d FROM {T}", "takes boolean, found number"),
        (f"SELECT t.num FROM {T} t JOIN {U} u ON u.num", "takes boolean, found number"),
        (f"SELECT IF(flag, 1, txt) AS d FROM {T}", "mixes number and text"),
        (f"SELECT num FROM {T} WHERE flag AND num", "takes boolean, found number"),
        (f"SELECT num AS a FROM {T} UNION ALL SELECT txt FROM {T}", "UNION mixes number and text in column a"),
        (f"SELECT num, txt FROM {T} UNION ALL SELECT txt FROM {T}", "UNION of 2 and 1 columns"),
        (f"SELECT CAST(dbl AS STRING) AS d FROM {T}", "CAST from float to varchar is not proven equal"),
        (f"SELECT CAST(dbl AS DECIMAL(10,2)) AS d FROM {T}", "CAST from float to decimal(10,2) is not proven equal"),
        (f"SELECT CAST(num AS BOOLEAN) AS d FROM {T}", "CAST from integer to boolean is not proven equal"),
        (f"SELECT CAST(fine AS STRING) AS d FROM {T}", "CAST from decimal(38,30) to a text is not proven equal"),
        (f"SELECT CAST(txt AS BINARY) AS d FROM {T}", "S: CAST to BINARY is not proven equal"),
        (f"SELECT TRY_CAST(num AS INT) AS d FROM {T}", "TRY_CAST from integer to integer is not proven equal"),
        (f"SELECT wide / num AS d FROM {T}", "divides decimals, which Spark rounds to digits of its own; CAST both sides to DOUBLE"),
        (f"SELECT wide DIV num AS d FROM {T}", "takes whole numbers (INT or BIGINT); CAST both sides"),
        (f"SELECT num + txt AS d FROM {T}", "mixes number and text, which Spark and DuckDB convert differently; CAST one side"),
        (f"SELECT num * dbl AS d FROM {T}", "mixes float and number"),
        (f"SELECT -txt AS d FROM {T}", "takes a number, found text; CAST it"),
        (f"SELECT txt + txt AS d FROM {T}", "takes numbers, found text; CAST it"),
        (f"SELECT dbl % dbl AS d FROM {T}", "takes numbers, found float; CAST it"),
        (f"SELECT dt - dt AS d FROM {T}", "is an interval in Spark; write DATEDIFF(end, start) for days"),
        (f"SELECT ts + 1 AS d FROM {T}", "write DATE_ADD(date, days)"),
        (f"SELECT dt + INTERVAL 1 HOUR AS d FROM {T}", "adds HOUR to a date; CAST the date to TIMESTAMP first"),
        (f"SELECT txt + INTERVAL 1 DAY AS d FROM {T}", "takes a date or timestamp, found text; CAST it"),
        (f"SELECT LEFT(txt, wide) AS d FROM {T}", "takes whole numbers (INT or BIGINT); CAST it"),
        (f"SELECT ADD_MONTHS(txt, 1) AS d FROM {T}", "takes date or timestamp, found text; CAST it"),
        (f"SELECT ROUND(dbl, 2) AS d FROM {T}", "takes number, found float; CAST it"),
        (f"SELECT SUM(dbl) AS d FROM {T}", "takes number, found float; CAST it"),
        (f"SELECT GREATEST(num, txt) AS d FROM {T}", "mixes number and text"),
        (f"SELECT LAG(num, 1, 'x') OVER (ORDER BY num) AS d FROM {T}", "mixes number and text"),
        (f"SELECT DECODE(num, 1, 2) AS d FROM {T}", "mixes number and text"),
        (f"SELECT NVL2(num, txt, 1) AS d FROM {T}", "mixes number and text"),
        (f"SELECT num IS TRUE AS d FROM {T}", "takes boolean, found number"),
        (f"SELECT wide * wide AS d FROM {T}", "of decimal(38,6) and decimal(38,6) needs more than 38 digits; CAST one to fewer digits"),
        (f"SELECT whole + 1 AS d FROM {T}", "needs more than 38 digits; CAST one to fewer digits"),
        (f"SELECT num AS a FROM {T} EXCEPT SELECT txt FROM {T}", "EXCEPT mixes number and text in column a"),
        (f"SELECT num FROM {T} WHERE dt = '2025-3-1'", "the literal compared with a date must be YYYY-MM-DD, got '2025-3-1'"),
        (f"SELECT nope FROM {T}", "S: column nope is missing in `fsa-dev-cars`.`t` ("),
        (f"SELECT t.nope FROM {T} t", "S: column nope is missing in `fsa-dev-cars`.`t` ("),
        (f"SELECT q.nope FROM (SELECT num FROM {T}) q", "S: "),
        (f"SELECT num FROM {T} t JOIN {U} u ON t.num = u.num", "S: column num is ambiguous between `fsa-dev-cars`.`t`"),
        (f"SELECT num AS a, txt AS A FROM {T}", "S: several columns are named a"),
        (f"SELECT nested FROM {T}", "S: column nested of `fsa-dev-cars`.`t` has type bigint[], which staging cannot read"),
    ],
)  # fmt: skip
def test_what_the_engines_would_take_differently_is_refused(sql: str, expected: str, path: str) -> None:
    with pytest.raises(DatamartError) as caught:
        translated(sql, path)
    assert expected in str(caught.value)


def test_only_the_used_columns_are_read(path: str) -> None:
    sql = f"WITH a AS (SELECT * FROM {T}) SELECT t.txt, u.NUM FROM {T} t LEFT JOIN {U} u ON u.num = t.num"
    used = translated(sql, path).used
    assert sorted(map(sorted, used.values())) == [
        ["dbl", "dt", "fine", "flag", "num", "ts", "txt", "whole", "wide"],
        ["num"],
        ["num", "txt"],
    ]


def test_names_are_found_in_any_case(path: str) -> None:
    assert translated(f"SELECT NUM AS Id FROM {T} X WHERE x.TXT IS NOT NULL", path).used["source_1"] == {
        "num",
        "txt",
    }


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COALESCE(wide, whole) AS d FROM {T}",
        f"SELECT COALESCE(NULL, (wide), whole) AS d FROM {T}",
        f"SELECT CASE WHEN flag THEN wide ELSE whole END AS d FROM {T}",
        f"SELECT CASE WHEN flag THEN 1 WHEN num = 2 THEN whole ELSE wide END AS d FROM {T}",
        f"SELECT IF(flag, wide, whole) AS d FROM {T}",
        f"SELECT wide AS d FROM {T} UNION ALL SELECT whole FROM {T}",
        f"SELECT num AS d FROM {T} UNION ALL SELECT wide FROM {T} UNION ALL SELECT fine FROM {T}",
        f"SELECT COALESCE(fine, num) AS d FROM {T}",
        f"SELECT COALESCE(fine, 123456789) AS d FROM {T}",
        f"SELECT COALESCE(MAX(wide), MIN(whole)) AS d FROM {T}",
        f"SELECT COALESCE(CAST(txt AS DECIMAL(38,10)), whole) AS d FROM {T}",
        f"SELECT COALESCE(q.a, q.b) AS d FROM (SELECT COALESCE(wide, 1.5) AS a, whole AS b FROM {T}) q",
        f"WITH c AS (SELECT wide AS a FROM {T}) SELECT IF(c.a IS NULL, t.whole, c.a) AS d FROM c JOIN {T} t ON t.num = 1",
        f"SELECT num FROM {T} WHERE wide = whole",
        f"SELECT num FROM {T} WHERE wide BETWEEN 1 AND whole",
        f"SELECT num FROM {T} WHERE fine IN (1, num)",
        f"SELECT NULLIF(wide, whole) AS d FROM {T}",
        f"SELECT t.num FROM {T} t JOIN {U} u ON t.wide = u.whole",
        f"SELECT CASE wide WHEN whole THEN 1 END AS d FROM {T}",
        f"SELECT num FROM (SELECT num FROM {T} WHERE wide < whole) q",
    ],
)
def test_decimals_that_would_lose_digits_together_are_refused(sql: str, path: str) -> None:
    with pytest.raises(
        DatamartError, match=r"^S: .* mixes .* which need \d\d digits together and can have 38; CAST"
    ):
        translated(sql, path)


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT COALESCE(wide, 0) AS d FROM {T}",
        f"SELECT COALESCE(wide, num, 1.25) AS d FROM {T}",
        f"SELECT COALESCE(fine, 12345678) AS d FROM {T}",
        f"SELECT wide AS d FROM {T} UNION ALL SELECT num FROM {T}",
        f"SELECT COALESCE(wide, CAST(whole AS DECIMAL(32,0))) AS d FROM {T}",
        f"SELECT NULLIF(wide, 0) AS d FROM {T} WHERE whole > 0 AND fine < 1",
        f"SELECT whole AS d FROM {T} WHERE num IN (1, 2) GROUP BY whole HAVING COUNT(*) > 1",
    ],
)
def test_decimals_that_keep_their_digits_together_are_accepted(sql: str, path: str) -> None:
    translated(sql, path)
