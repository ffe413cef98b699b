"""The quote that is too many is named by line and column."""

from pathlib import Path

import pytest
from trees import HUB, INITIAL, found, put

from sql_tree.compiler.quotes import unclosed_quote


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("SELECT a AS id', b FROM t", "'"),
        ("SELECT a AS id', 'CARS_STG', b FROM t", "'"),
        ("SELECT 'a' FROM t WHERE b = 'c", "'c"),
        ("SELECT 'abc, d FROM t", "'abc"),
        ('SELECT "a FROM t', '"a'),
        ("SELECT UPPER('COALESCE(a, '--')) FROM t", "'C"),
        ("SELECT COALESCE(a, '--)) || '~~' || b", "'--"),
        ("SELECT 'it's' FROM t", "'s"),
        ("SELECT E'a' || x', 'b' FROM t", "', "),
    ],
)
def test_the_quote_that_is_too_many(text: str, at: str) -> None:
    assert unclosed_quote(text, backslash=False) == text.index(at)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'it''s', \"a\" -- don't\n/* won't */",
        "DO $$ it's $$",
        "SELECT 'a'",
        "",
        "SELECT $a$ ' $a$ || 'x'",
    ],
)
def test_closed_quotes(text: str) -> None:
    assert unclosed_quote(text, backslash=False) is None


def test_a_backslash_escapes_in_spark_only() -> None:
    assert unclosed_quote(r"SELECT 'a\'b'", backslash=True) is None
    assert unclosed_quote(r"SELECT 'a\'b'", backslash=False) is not None


def test_its_place_counts_in_the_script_and_not_in_the_bound_text(small: Path) -> None:
    put(
        small,
        HUB,
        "INSERT INTO edv.farm_h (farm_id)\nSELECT '{ETL_START_TIMESTAMP}' AS farm_id', 'x' FROM cars_stg.farm",
    )
    put(small, INITIAL, "SELECT\n  d.id AS farm_id' FROM `fsa-{env}-cars`.`farm` AS d")
    assert found(small) == [f"unclosed-quote {HUB}:2:42", f"unclosed-quote {INITIAL}:2:18"]
