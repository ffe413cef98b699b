"""Tokens: the compiler accepts exactly those that the Glue job binds, with values of the same shape."""

import re
from datetime import date

from datamart_exec import tokens as glue_job
from sql_tree.compiler.tokens import SAMPLES, bind, place, unknown_tokens, with_env_token


def shape(value: str) -> str:
    """The value with every digit as 9."""
    return re.sub(r"\d", "9", value)


def test_the_tokens_are_those_of_the_glue_job_in_name_and_shape() -> None:
    bound = glue_job.values(date(2026, 6, 1), SAMPLES["env"])
    assert {name: shape(value) for name, value in SAMPLES.items()} == {
        name: shape(value) for name, value in bound.items()
    }


def test_an_unknown_token_is_named_with_its_line_and_bound_to_a_value_that_parses() -> None:
    text = "SELECT {ETL_YEAR},\n{ETL_BATCH}"
    assert bind(text).text == "SELECT 2001,\n0"
    ((offset, message),) = unknown_tokens(text)
    assert place(text, offset) == (2, 1)
    assert message.startswith("unknown token {ETL_BATCH}; known are ETL_START_DATE, ")


def test_the_env_token_survives_in_table_names() -> None:
    assert with_env_token(bind("fsa-{env}-cars.farm").text) == "fsa-{env}-cars.farm"


def test_a_place_in_the_bound_text_is_found_in_the_script() -> None:
    bound = bind("SELECT '{ETL_START_TIMESTAMP}', '{env}' AS e,\n '{ETL_YEAR}' x")
    for word, expected in (("'2001-02-03 ", (1, 8)), ("'tok", (1, 33)), ("AS e", (1, 41)), (" x", (2, 14))):
        assert bound.place(bound.text.index(word)) == expected
