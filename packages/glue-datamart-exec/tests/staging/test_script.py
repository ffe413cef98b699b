# ruff: noqa: E501 - one case is one line
"""Staging scripts that are refused before anything is read, and the partitions that are."""

from __future__ import annotations

import re
from datetime import date

import pytest

from datamart_exec.errors import DatamartError
from datamart_exec.staging.alternatives import ALTERNATIVES, PARTS
from datamart_exec.staging.functions import FUNCTIONS
from datamart_exec.staging.script import parse

CDC = "`fsa-dev-cars-cdc`.`t`"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", "S holds no statement; write one SELECT"),
        ("SELEC a FROM t", "S cannot be parsed as Spark SQL: "),
        (f"SELECT a FROM {CDC}; SELECT 1", "S must be one SELECT, found 2 statements"),
        (f"INSERT INTO {CDC} SELECT 1", "S must be one SELECT, found 1 statements: INSERT"),
        ("SELECT 1", "S reads no source table"),
        ("SELECT a FROM t", "S: table t has no database; write `fsa-{env}-cars`.`t`"),
        (f"SELECT SOUNDEX(a) FROM {CDC}", "S, line 1, column 8: function SOUNDEX is not on the list of constructs proven equal in Spark and DuckDB"),
        (f"SELECT a,\n  my_udf(a) FROM {CDC}", "S, line 2, column 3: function MY_UDF is not on the list"),
        (f"SELECT AVG(a) FROM {CDC}", "write SUM(x) and COUNT(x) here, and divide them in the vault or mart script"),
        (f"SELECT DATEADD(MONTH, 1, a) FROM {CDC}", "function DATEADD is not on the list of constructs proven equal in Spark and DuckDB; write DATE_ADD(date, days)"),
        (f"SELECT CHARINDEX('x', a) FROM {CDC}", "S, line 1, column 8: CHARINDEX is not a function of Spark SQL; write LOCATE(part, text) or INSTR(text, part) instead"),
        (f"SELECT a FROM {CDC} LIMIT 1", "S, line 1, column 8: SELECT with limit is not on the list"),
        (f"SELECT a FROM {CDC} QUALIFY 1 = 1", "write a subquery with ROW_NUMBER() and the filter rn = 1 instead"),
        (f"SELECT a FROM {CDC} x NATURAL JOIN {CDC} y", "JOIN with method"),
        (f"SELECT a FROM {CDC} x JOIN {CDC} y USING (a)", "JOIN with using is not on the list of constructs proven equal in Spark and DuckDB; write ON a.key = b.key instead"),
        (f"SELECT LTRIM('0', a) FROM {CDC}", "LTRIM of two arguments takes the characters first in Spark; write TRIM(LEADING 'x' FROM text)"),
        (f"SELECT TRIM(BOTH b FROM a) FROM {CDC}", "TRIM of characters that are not a literal is not proven equal"),
        (f"SELECT CURRENT_TIMESTAMP() FROM {CDC}", "CURRENT_TIMESTAMP is the wall clock"),
        (f"SELECT CURRENT_DATE FROM {CDC}", "CURRENT_DATE is the wall clock"),
        (f"SELECT NOW() FROM {CDC}", "NOW is the wall clock"),
        (f"SELECT UNIX_TIMESTAMP() FROM {CDC}", "UNIX_TIMESTAMP is not on the list"),
        (f"SELECT SYSDATE() FROM {CDC}", "function SYSDATE is not on the list of constructs proven equal in Spark and DuckDB; write a token such as {{ETL_START_TIMESTAMP}}".replace("{{", "{").replace("}}", "}")),
        (f"SELECT a FROM {CDC} WHERE a IN (SELECT b FROM {CDC})", "IN with query is not on the list"),
        (f"SELECT 'a\\nb' FROM {CDC}", "LITERAL with a backslash or a control character is not proven equal"),
        (f"SELECT 1e3 FROM {CDC}", "LITERAL in exponent notation is not proven equal"),
        (f"SELECT 9223372036854775808 FROM {CDC}", "LITERAL of more digits than a BIGINT or DECIMAL(38) has is not proven equal"),
        (f"SELECT LPAD(a, b, '0') FROM {CDC}", "LPAD with a length other than a literal up to 10000"),
        (f"SELECT RPAD(a, 3, '') FROM {CDC}", "or a filling that is not a literal"),
        (f"SELECT SPLIT_PART(a, '', 1) FROM {CDC}", "SPLIT_PART with a separator that is not a literal"),
        (f"SELECT SPLIT_PART(a, '-', 0) FROM {CDC}", "with a number other than a literal except 0"),
        (f"SELECT SUBSTRING_INDEX(a, 'aa', -1) FROM {CDC}", "with a separator other than one literal character"),
        (f"SELECT CHR(256) FROM {CDC}", "CHR of anything but a literal from 1 to 255"),
        (f"SELECT SHA2(a, 512) FROM {CDC}", "SHA2 with another length than 256"),
        (f"SELECT CONCAT_WS('|') FROM {CDC}", "CONCAT_WS without texts"),
        (f"SELECT a LIKE b FROM {CDC}", "LIKE with a pattern that is not a literal"),
        (f"SELECT a LIKE 'x!y' ESCAPE '!' FROM {CDC}", "ESCAPE '!' before anything but %, _ and itself is an error in Spark"),
        (f"SELECT a LIKE 'x!' ESCAPE '!' FROM {CDC}", "ESCAPE '!' before anything but %, _ and itself is an error in Spark"),
        (f"SELECT a RLIKE b FROM {CDC}", "with a pattern that is not a literal"),
        (f"SELECT a RLIKE '(?i)x' FROM {CDC}", "with the pattern '(?i)x' is not proven equal"),
        (f"SELECT a RLIKE '[[:digit:]]' FROM {CDC}", "with the pattern '[[:digit:]]' is not proven equal"),
        (f"SELECT a RLIKE 'x*?' FROM {CDC}", "with the pattern 'x*?' is not proven equal"),
        (f"SELECT REGEXP_REPLACE(a, 'x*', '') FROM {CDC}", "REGEXP_REPLACE with a pattern that an empty text matches ('x*')"),
        (f"SELECT REGEXP_REPLACE(a, 'x$', '') FROM {CDC}", "only RLIKE may have them"),
        (f"SELECT REGEXP_REPLACE(a, 'x', '$0') FROM {CDC}", "REGEXP_REPLACE by a text with $"),
        (f"SELECT REGEXP_EXTRACT(a, 'x') FROM {CDC}", "REGEXP_EXTRACT of a group beyond the 0 of its pattern"),
        (f"SELECT TO_DATE(a, 'YYYY-MM-DD') FROM {CDC}", "TO_DATE with the format 'YYYY-MM-DD': 'YYYY' is not among yyyy, MM"),
        (f"SELECT TO_DATE(a, 'dd-MM-yy') FROM {CDC}", "'yy' is not among"),
        (f"SELECT TO_DATE(a, 'MM-dd') FROM {CDC}", "it needs yyyy, and each letter once"),
        (f"SELECT TO_DATE(a, b) FROM {CDC}", "TO_DATE with a format that is not a literal"),
        (f"SELECT DATE_FORMAT(a, 'DD') FROM {CDC}", "DATE_FORMAT with the format 'DD': 'DD' is not among"),
        (f"SELECT TRUNC(a, 'DD') FROM {CDC}", "TRUNC to DD is not among YEAR, YYYY"),
        (f"SELECT DATE_TRUNC('CENTURY', a) FROM {CDC}", "DATE_TRUNC to CENTURY is not among"),
        (f"SELECT NEXT_DAY(a, b) FROM {CDC}", "NEXT_DAY with a day that is not a literal such as 'MON'"),
        (f"SELECT ROUND(a, -1) FROM {CDC}", "ROUND to digits other than a literal from 0 up"),
        (f"SELECT a + INTERVAL 1 WEEK FROM {CDC}", "INTERVAL other than a whole number of YEAR, MONTH, DAY, HOUR, MINUTE, SECOND"),
        (f"SELECT ROW_NUMBER() OVER (PARTITION BY a) FROM {CDC}", "ROW_NUMBER has a result only with OVER (... ORDER BY ...)"),
        (f"SELECT FIRST_VALUE(a) FROM {CDC}", "FIRST_VALUE has a result only with OVER (... ORDER BY ...)"),
        (f"SELECT LAG(a, b) OVER (ORDER BY a) FROM {CDC}", "LAG with an offset that is not a literal"),
        (f"SELECT SUM(a) OVER (ORDER BY b RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) FROM {CDC}", "other than ROWS of literal bounds"),
        (f"SELECT a FROM {CDC} EXCEPT ALL SELECT a FROM {CDC}", "ALL is not proven equal"),
        (f"SELECT EXTRACT(WEEK FROM a) FROM {CDC}", "function EXTRACT is not on the list of constructs proven equal in Spark and DuckDB; write YEAR(x)"),
    ],
)  # fmt: skip
def test_what_is_not_proven_is_refused_by_name(sql: str, expected: str) -> None:
    with pytest.raises(DatamartError) as caught:
        parse("S", sql)
    assert expected in str(caught.value)


def test_the_refusal_says_how_to_add_a_construct() -> None:
    with pytest.raises(
        DatamartError, match=r"a case in tests/parity_cases.py and an entry in staging/allow_list.py$"
    ):
        parse("S", f"SELECT my_udf(a) FROM {CDC}")


@pytest.mark.parametrize("text", sorted({*ALTERNATIVES.values(), *PARTS.values()}))
def test_what_a_message_says_to_write_is_on_the_list(text: str) -> None:
    known = {name for function in FUNCTIONS.values() for name in function.names} | {"OVER", "INTERVAL"}
    assert set(re.findall(r"\b([A-Z][A-Z_0-9]+)\(", text)) - {"DECIMAL", "COUNT"} <= known


DAY, NEXT = date(2025, 3, 1), date(2025, 3, 2)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("t WHERE t.dart_filedate = '2025-03-01'", (DAY, DAY)),
        ("t WHERE dart_filedate = DATE '2025-03-01' AND a = 1", (DAY, DAY)),
        ("t WHERE '2025-03-01' = t.DART_FILEDATE", (DAY, DAY)),
        ("t WHERE CAST('2025-03-01' AS DATE) <= t.dart_filedate", (DAY, None)),
        ("t WHERE t.dart_filedate BETWEEN '2025-03-01' AND '2025-03-02'", (DAY, NEXT)),
        ("t WHERE (t.dart_filedate >= '2025-03-01' AND t.dart_filedate < '2025-03-02')", (DAY, NEXT)),
        ("t WHERE t.dart_filedate IN ('2025-03-02', '2025-03-01')", (DAY, NEXT)),
        ("t WHERE t.dart_filedate = '2025-03-01' OR a = 1", (None, None)),
        ("t WHERE NOT t.dart_filedate = '2025-03-01'", (None, None)),
        ("t WHERE t.dart_filedate <> '2025-03-01'", (None, None)),
        ("t WHERE other.dart_filedate = '2025-03-01'", (None, None)),
        ("t JOIN `fsa-dev-cars`.`u` u ON t.a = u.a AND t.dart_filedate = '2025-03-01'", (DAY, DAY)),
        ("t LEFT JOIN `fsa-dev-cars`.`u` u ON t.a = u.a AND t.dart_filedate = '2025-03-01'", (None, None)),
        ("t RIGHT JOIN `fsa-dev-cars`.`u` u ON t.a = u.a AND t.dart_filedate = '2025-03-01'", (None, None)),
        ("t FULL JOIN `fsa-dev-cars`.`u` u ON t.a = u.a AND t.dart_filedate = '2025-03-01'", (None, None)),
        ("t LEFT SEMI JOIN `fsa-dev-cars`.`u` u ON t.a = u.a AND t.dart_filedate = '2025-03-01'", (DAY, DAY)),
        (
            "t LEFT ANTI JOIN `fsa-dev-cars`.`u` u ON t.a = u.a AND t.dart_filedate = '2025-03-01'",
            (None, None),
        ),
        ("t ANTI JOIN `fsa-dev-cars`.`u` u ON t.a = u.a AND t.dart_filedate = '2025-03-01'", (None, None)),
        ("t LEFT JOIN `fsa-dev-cars`.`u` u ON t.a = u.a WHERE t.dart_filedate = '2025-03-01'", (DAY, DAY)),
    ],
)
def test_only_filters_that_every_row_must_pass_choose_partitions(
    rest: str, expected: tuple[date | None, date | None]
) -> None:
    found = parse("S", f"SELECT t.a FROM {CDC} {rest}").references[0]
    assert (found.first_date, found.last_date) == expected


def test_a_filter_on_the_right_side_of_a_left_join_chooses_its_partitions() -> None:
    sql = f"SELECT u.a FROM `fsa-dev-cars`.`u` u LEFT JOIN {CDC} t ON t.a = u.a AND t.dart_filedate = '2025-03-01'"
    assert [(each.table, each.first_date) for each in parse("S", sql).references] == [("u", None), ("t", DAY)]


@pytest.mark.parametrize(
    ("join", "expected"),
    [("RIGHT", None), ("FULL OUTER", None), ("LEFT SEMI", DAY), ("LEFT ANTI", DAY), ("ANTI", DAY)],
)
def test_on_chooses_partitions_of_the_joined_table_unless_all_its_rows_pass(
    join: str, expected: date | None
) -> None:
    sql = f"SELECT 1 AS a FROM `fsa-dev-cars`.`u` u {join} JOIN {CDC} t ON t.a = u.a AND t.dart_filedate = '2025-03-01'"
    assert [each.first_date for each in parse("S", sql).references] == [None, expected]


def test_each_read_of_a_table_has_its_own_partitions() -> None:
    sql = " UNION ALL ".join(f"SELECT a FROM {CDC} WHERE dart_filedate = '2025-03-0{day}'" for day in (1, 2))
    assert {(each.view, each.first_date) for each in parse("S", sql).references} == {
        ("source_1", DAY),
        ("source_2", NEXT),
    }
