"""Tokens: every one of the contract, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from datamart_exec import tokens
from datamart_exec.errors import DatamartError


def test_every_token_of_the_contract_has_its_value() -> None:
    assert tokens.values(date(2024, 12, 31), "dev") == {
        "ETL_START_DATE": "2024-12-31",
        "ETL_END_DATE": "2024-12-31",
        "ETL_DATE": "2024-12-31",
        "SYSTEM_DATE": "2024-12-31",
        "ETL_START_TIMESTAMP": "2024-12-31 00:00:00.000000",
        "ETL_END_TIMESTAMP": "2025-01-01 00:00:00.000000",
        "ETL_DATE_YYYYMMDD": "20241231",
        "ETL_START_DATE_YYYYMMDD": "20241231",
        "ETL_YEAR": "2024",
        "ETL_MONTH": "12",
        "ETL_DAY": "31",
        "ENV": "DEV",
        "env": "dev",
    }


def test_months_and_days_have_two_digits() -> None:
    found = tokens.values(date(2025, 3, 1), "dev")
    assert (found["ETL_MONTH"], found["ETL_DAY"]) == ("03", "01")


def test_an_unknown_token_is_named_with_script_line_and_the_known() -> None:
    known = tokens.values(date(2025, 3, 1), "dev")
    with pytest.raises(
        DatamartError, match=r"^EDV/X/1_A.sql, line 2: unknown token \{Env\}; known are ENV, ETL_DATE, "
    ):
        tokens.bind("EDV/X/1_A.sql", "SELECT '{env}',\n '{Env}'", known)


def test_braces_that_hold_no_name_are_left_alone() -> None:
    assert (
        tokens.bind("s", "'x{2}' '{}' '{\"a\": 1}' '{env}'", {"env": "dev"})
        == "'x{2}' '{}' '{\"a\": 1}' 'dev'"
    )


def test_a_value_is_not_searched_for_tokens_again() -> None:
    assert tokens.bind("s", "{a}", {"a": "{a}"}) == "{a}"


def test_an_environment_that_is_not_a_plain_name_is_refused() -> None:
    with pytest.raises(DatamartError, match=r"^env must be"):
        tokens.values(date(2025, 3, 1), "x' OR '1'='1")


def test_the_last_day_of_the_calendar_is_refused() -> None:
    with pytest.raises(DatamartError, match="has no next day"):
        tokens.values(date.max, "dev")
