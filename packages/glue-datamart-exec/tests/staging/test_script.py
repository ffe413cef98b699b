# ruff: noqa: E501 - one case is one line
"""Staging scripts that are refused before anything is read, and the partitions that are."""

from __future__ import annotations

from datetime import date

import pytest

from datamart_exec.errors import DatamartError
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
        (f"SELECT SOUNDEX(a) FROM {CDC}", "S: function SOUNDEX is not on the list of constructs proven equal in Spark and DuckDB"),
        (f"SELECT my_udf(a) FROM {CDC}", "S: function MY_UDF is not on the list"),
        (f"SELECT DATE_ADD(a, 1) FROM {CDC}", "S: function DATE_ADD is not on the list"),
        (f"SELECT a / b FROM {CDC}", "S: construct DIV is not on the list"),
        (f"SELECT TRY_CAST(a AS INT) FROM {CDC}", "S: TRY_CAST with safe is not on the list"),
        (f"SELECT a FROM {CDC} LIMIT 1", "S: SELECT with limit is not on the list"),
        (f"SELECT a FROM {CDC} x FULL JOIN {CDC} y ON x.a = y.a", "S: JOIN of kind FULL is not among INNER, LEFT and CROSS"),
        (f"SELECT a FROM {CDC} x JOIN {CDC} y USING (a)", "S: JOIN with using"),
        (f"SELECT TRIM(BOTH 'x' FROM a) FROM {CDC}", "S: TRIM with "),
        (f"SELECT CURRENT_TIMESTAMP() FROM {CDC}", "S: CURRENT_TIMESTAMP is the wall clock"),
        (f"SELECT CURRENT_DATE FROM {CDC}", "S: CURRENT_DATE is the wall clock"),
        (f"SELECT NOW() FROM {CDC}", "S: NOW is the wall clock"),
        (f"SELECT a FROM {CDC} WHERE a IN (SELECT b FROM {CDC})", "S: IN with query is not on the list"),
        (f"SELECT SUBSTRING(a, -1) FROM {CDC}", "with bounds other than literals from 1 up is not proven equal"),
        (f"SELECT 'a\\nb' FROM {CDC}", "S: LITERAL with a backslash or a control character is not proven equal"),
        (f"SELECT 1e3 FROM {CDC}", "S: LITERAL in exponent notation is not proven equal"),
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
        parse("S", f"SELECT SOUNDEX(a) FROM {CDC}")


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


def test_each_read_of_a_table_has_its_own_partitions() -> None:
    sql = " UNION ALL ".join(f"SELECT a FROM {CDC} WHERE dart_filedate = '2025-03-0{day}'" for day in (1, 2))
    assert {(each.view, each.first_date) for each in parse("S", sql).references} == {
        ("source_1", DAY),
        ("source_2", NEXT),
    }
