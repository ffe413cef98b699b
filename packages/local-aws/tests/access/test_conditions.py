"""The rules of IAM's condition operators, as the reference of policy elements states them."""

from collections.abc import Sequence

import pytest

from local_aws.access.conditions import holds, is_operator

CASES: Sequence[tuple[str, Sequence[str], Sequence[str] | None, bool]] = [
    ("StringEquals", ["a"], ["a"], True),
    ("StringEquals", ["a"], ["A"], False),
    ("StringEquals", ["a*"], ["ab"], False),
    ("StringEquals", ["a", "b"], ["b"], True),
    ("StringEquals", ["a"], None, False),
    ("StringEqualsIfExists", ["a"], None, True),
    ("StringEqualsIfExists", ["a"], ["b"], False),
    ("StringEqualsIgnoreCase", ["a"], ["A"], True),
    ("StringNotEquals", ["a"], ["b"], True),
    ("StringNotEquals", ["a", "b"], ["b"], False),
    ("StringNotEquals", ["a"], None, True),
    ("StringLike", ["conf/*"], ["conf/x/y"], True),
    ("StringLike", ["conf/?"], ["conf/xy"], False),
    ("StringLike", ["conf/*"], None, False),
    ("StringLikeIfExists", ["conf/*"], None, True),
    ("StringNotLike", ["conf/*"], ["data/x"], True),
    ("StringNotLike", ["conf/*"], ["conf/x"], False),
    ("StringNotLikeIfExists", ["conf/*"], None, True),
    ("NumericLessThan", ["10"], ["9"], True),
    ("NumericLessThan", ["10"], ["10"], False),
    ("NumericGreaterThanEquals", ["10"], ["10.0"], True),
    ("NumericEquals", ["x"], ["1"], False),
    ("DateGreaterThan", ["2026-01-01T00:00:00Z"], ["2026-02-01T00:00:00Z"], True),
    ("DateLessThan", ["2026-01-01T00:00:00Z"], ["1800000000"], False),
    ("Bool", ["true"], ["true"], True),
    ("Bool", ["false"], ["true"], False),
    ("Bool", ["false"], None, False),
    ("BoolIfExists", ["false"], None, True),
    ("IpAddress", ["127.0.0.0/8"], ["127.0.0.1"], True),
    ("NotIpAddress", ["127.0.0.0/8"], ["127.0.0.1"], False),
    ("ArnLike", ["arn:aws:states:*:1:stateMachine:*"], ["arn:aws:states:us-east-1:1:stateMachine:m"], True),
    ("ArnEquals", ["arn:aws:states:*:1:stateMachine:*"], ["arn:aws:states:us-east-1:1:stateMachine:m"], True),
    ("ArnLike", ["arn:aws:s*"], ["arn:aws:sns:us-east-1:1:t"], False),
    ("ArnNotLike", ["arn:aws:sns:*:1:t"], ["arn:aws:sns:us-east-1:1:other"], True),
    ("Null", ["true"], None, True),
    ("Null", ["true"], ["x"], False),
    ("Null", ["false"], ["x"], True),
    ("Null", ["false"], None, False),
    ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
    ("ForAllValues:StringEquals", ["a"], None, True),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
    ("ForAnyValue:StringEquals", ["a"], ["c"], False),
    ("ForAnyValue:StringEquals", ["a"], None, False),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
    ("ForAllValues:StringNotLike", ["a*"], ["b", "c"], True),
]


@pytest.mark.parametrize(("operator", "wanted", "found", "expected"), CASES)
def test_operator(operator: str, wanted: Sequence[str], found: Sequence[str] | None, expected: bool) -> None:
    assert holds(operator, wanted, found) is expected


def test_every_operator_of_the_table_is_known_and_others_are_not() -> None:
    assert all(is_operator(operator) for operator, *_ in CASES)
    assert not any(map(is_operator, ("StringMatches", "ForSomeValue:StringEquals", "Numeric", "")))
