"""Choice rules, each operator true and false."""

from typing import Any

import pytest

from stepfunctions_local_test.history.choices import DEFAULT, ChoiceError, chosen, holds, matches

DATA = {
    "n": 5,
    "f": 5.0,
    "s": "mango",
    "b": True,
    "z": None,
    "t": "2026-06-01T12:00:00Z",
    "t2": "2026-06-01T14:00:00+02:00",
    "list": [{"a b": 1}],
}


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        ({"Variable": "$.n", "NumericEquals": 5}, True),
        ({"Variable": "$.f", "NumericEqualsPath": "$.n"}, True),
        ({"Variable": "$.n", "NumericLessThan": 5}, False),
        ({"Variable": "$.n", "NumericLessThanEquals": 5}, True),
        ({"Variable": "$.n", "NumericGreaterThan": 4}, True),
        ({"Variable": "$.n", "NumericGreaterThanEquals": 6}, False),
        ({"Variable": "$.b", "NumericEquals": 1}, False),
        ({"Variable": "$.s", "NumericEquals": 5}, False),
        ({"Variable": "$.s", "StringEquals": "mango"}, True),
        ({"Variable": "$.s", "StringLessThan": "zebra"}, True),
        ({"Variable": "$.s", "StringGreaterThanEqualsPath": "$.s"}, True),
        ({"Variable": "$.n", "StringEquals": "5"}, False),
        ({"Variable": "$.s", "StringMatches": "m*o"}, True),
        ({"Variable": "$.s", "StringMatches": "m*x"}, False),
        ({"Variable": "$.b", "BooleanEquals": True}, True),
        ({"Variable": "$.n", "BooleanEquals": True}, False),
        ({"Variable": "$.t", "TimestampEqualsPath": "$.t2"}, True),
        ({"Variable": "$.t", "TimestampLessThan": "2026-06-01T12:00:01Z"}, True),
        ({"Variable": "$.s", "TimestampEquals": "2026-06-01T12:00:00Z"}, False),
        ({"Variable": "$.z", "IsNull": True}, True),
        ({"Variable": "$.n", "IsNull": False}, True),
        ({"Variable": "$.absent", "IsPresent": False}, True),
        ({"Variable": "$.n", "IsNumeric": True}, True),
        ({"Variable": "$.b", "IsNumeric": True}, False),
        ({"Variable": "$.s", "IsString": True}, True),
        ({"Variable": "$.b", "IsBoolean": True}, True),
        ({"Variable": "$.t", "IsTimestamp": True}, True),
        ({"Variable": "$.s", "IsTimestamp": True}, False),
        ({"Variable": "$.list[0]['a b']", "NumericEquals": 1}, True),
        ({"Not": {"Variable": "$.n", "NumericEquals": 5}}, False),
        ({"And": [{"Variable": "$.no", "IsPresent": True}, {"Variable": "$.no", "NumericEquals": 1}]}, False),
        ({"Or": [{"Variable": "$.n", "NumericEquals": 5}, {"Variable": "$.no", "NumericEquals": 1}]}, True),
    ],
)
def test_a_rule_holds_as_the_language_says(rule: dict[str, Any], held: bool) -> None:
    assert holds(rule, DATA) is held


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"Variable": "$.absent", "NumericEquals": 1},
            r"\$.absent, which NumericEquals compares, is missing",
        ),
        ({"Variable": "$.absent", "IsNull": True}, r"\$.absent, which IsNull reads, is missing"),
        (
            {"Variable": "$.n", "NumericEqualsPath": "$.absent"},
            r"\$.absent, which a rule compares with, is missing",
        ),
        ({"Variable": "$..n", "NumericEquals": 1}, "is not a reference path from '..n' on"),
        ({"Variable": "$.n", "NumericIs": 1}, "NumericIs is no operator"),
        ({"Variable": "$.n", "IsOdd": True}, "IsOdd is no operator"),
        ({"NumericEquals": 1}, "a rule has a Variable and one operator, got NumericEquals"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_says_why(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ChoiceError, match=words):
        holds(rule, DATA)


@pytest.mark.parametrize(
    ("pattern", "value", "matched"),
    [
        ("log-*.txt", "log-1.txt", True),
        (r"a\*b", "a*b", True),
        (r"a\*b", "axb", False),
        ("a.c", "abc", False),
    ],
)
def test_only_the_star_is_special_in_a_pattern(pattern: str, value: str, matched: bool) -> None:
    assert matches(pattern, value) is matched


def test_the_first_rule_that_holds_is_chosen_and_later_ones_are_not_looked_at() -> None:
    rules = [
        {"Variable": "$.n", "NumericEquals": 1, "Next": "A"},
        {"Variable": "$.n", "NumericEquals": 5, "Next": "B"},
        {"Variable": "$.absent", "NumericEquals": 5, "Next": "C"},
    ]
    assert chosen({"Choices": rules}, DATA) == (1, (False, True))
    assert chosen({"Choices": rules[:1], "Default": "D"}, DATA) == (DEFAULT, (False,))
    with pytest.raises(ChoiceError, match=r"no rule holds and there is no Default"):
        chosen({"Choices": rules[:1]}, DATA)
