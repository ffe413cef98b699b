"""Privileges: wording never counts, what a role may do does."""

import functools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.prepared_plans import FUNCTION, TAGS

from deployer.aws.roles import parse_policy
from deployer.blueprint import policies
from deployer.blueprint.policies import trust
from deployer.model.resources import Document, Role, Statement
from deployer.planning.plan import Create, Delete, Replace, Update
from deployer.planning.privilege_diff import (
    Privilege,
    PrivilegeDiff,
    between,
    covers,
    privilege_diff,
    privileges_of,
)

BUCKET = "arn:aws:s3:::b"
PREFIXED = {"StringLike": {"s3:prefix": ["a/*"]}}
statement = functools.partial(policies.statement, reason="for a test")


def role(*statements: Statement, others: tuple[str, ...] = (), service: str = "lambda.amazonaws.com") -> Role:
    policy = {f"S{index}": item for index, item in enumerate(statements)}
    return Role("r", "/", trust(service), policy, TAGS, others)


def read(item: Role | dict[str, Any]) -> Role:
    """A role with the policy in IAM's JSON, as the adapter reads it."""
    policy = parse_policy({"Statement": [item]})
    return Role("r", "/", trust("lambda.amazonaws.com"), policy, TAGS)


def told(change: PrivilegeDiff) -> list[str]:
    return [f"+ {item}" for item in change.gained] + [f"- {item}" for item in change.lost]


def test_a_new_role_gains_what_it_may_do_and_who_may_assume_it() -> None:
    want = role(
        statement("s3:GetObject", f"{BUCKET}/*"), statement("s3:ListBucket", BUCKET, condition=PREFIXED)
    )
    assert told(privilege_diff(Create(want))) == [
        f"+ s3:GetObject on {BUCKET}/*",
        f"+ s3:ListBucket on {BUCKET} (when StringLike s3:prefix is a/*)",
        "+ sts:AssumeRole for lambda.amazonaws.com",
    ]
    assert told(privilege_diff(Delete(want))) == [
        line.replace("+ ", "- ", 1) for line in told(privilege_diff(Create(want)))
    ]


actions = st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "sns:Publish"]), min_size=1, unique=True)
resources = st.lists(st.sampled_from([BUCKET, f"{BUCKET}/x", f"{BUCKET}/y"]), min_size=1, unique=True)
conditions = st.sampled_from([None, Document(json.dumps(PREFIXED))])
statements = st.builds(lambda a, r, c: Statement(tuple(a), tuple(r), c), actions, resources, conditions)


@given(st.lists(statements, max_size=4), st.randoms())
def test_split_and_reordered_statements_neither_gain_nor_lose(items: list[Statement], random: Any) -> None:
    parts = [
        Statement((action,), (resource,), item.condition)
        for item in items
        for action in item.actions
        for resource in item.resources
    ]
    random.shuffle(parts)
    assert not privilege_diff(Update(role(*items), role(*parts)))


@given(st.lists(statements, max_size=3), st.lists(statements, max_size=3))
def test_what_is_gained_one_way_is_lost_the_other(old: list[Statement], new: list[Statement]) -> None:
    there, back = (
        privilege_diff(Update(role(*old), role(*new))),
        privilege_diff(Update(role(*new), role(*old))),
    )
    assert (there.gained, there.lost) == (back.lost, back.gained)


def test_condition_lists_in_another_order_are_the_same_condition() -> None:
    one = {"StringLike": {"s3:prefix": ["a/*", "b/*"]}}
    other = {"StringLike": {"s3:prefix": ["b/*", "a/*"]}}
    have, want = (role(statement("s3:ListBucket", BUCKET, condition=test)) for test in (one, other))
    assert not privilege_diff(Update(have, want))


def test_a_dropped_condition_is_a_gain_and_an_added_one_a_loss() -> None:
    plain, tested = (role(statement("s3:ListBucket", BUCKET, condition=test)) for test in (None, PREFIXED))
    assert told(privilege_diff(Update(tested, plain))) == [f"+ s3:ListBucket on {BUCKET}"]
    assert told(privilege_diff(Update(plain, tested))) == [f"- s3:ListBucket on {BUCKET}"]


def test_a_wildcard_swallows_what_it_grants() -> None:
    narrow = role(statement("s3:GetObject s3:GetObjectTagging", f"{BUCKET}/a/*"))
    wide = role(statement("s3:Get*", f"{BUCKET}/*"))
    assert told(privilege_diff(Update(narrow, wide))) == [f"+ s3:Get* on {BUCKET}/*"]
    assert told(privilege_diff(Update(wide, narrow))) == [f"- s3:Get* on {BUCKET}/*"]


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("a*", "ab?", True),
        ("a?", "a*", False),
        ("a?", "a?", True),
        ("A", "a", False),
        ("all but a*", "all but ab", False),
        ("*", "all but ab", True),
        ("all but a", "all but a", True),
    ],
)
def test_a_pattern_covers_another_only_when_all_of_it_matches(wide: str, narrow: str, expected: bool) -> None:
    assert covers(Privilege("s3:X", wide), Privilege("s3:X", narrow)) is expected


def test_actions_are_the_same_in_any_case() -> None:
    have, want = (role(statement(action, BUCKET)) for action in ("s3:listbucket", "s3:ListBucket"))
    assert not privilege_diff(Update(have, want))


def test_who_may_assume_a_role_is_a_privilege() -> None:
    change = privilege_diff(Update(role(service="glue.amazonaws.com"), role()))
    assert told(change) == [
        "+ sts:AssumeRole for lambda.amazonaws.com",
        "- sts:AssumeRole for glue.amazonaws.com",
    ]


def test_trust_in_an_account_names_it() -> None:
    document = {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "x"}},
        }
    }
    want = Role("r", "/", Document(json.dumps(document)), {}, TAGS)
    assert [str(item) for item in privileges_of(want)] == [
        "sts:AssumeRole for AWS arn:aws:iam::111122223333:root (when StringEquals sts:ExternalId is x)"
    ]


def test_an_attached_policy_is_all_that_it_grants() -> None:
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    everything = role(statement("*", "*"))
    assert told(privilege_diff(Update(role(others=(policy,)), everything))) == [
        "+ * on *",
        f"- all that policy {policy} grants",
    ]


def test_forms_that_we_never_write_are_read() -> None:
    have = read({"Effect": "Deny", "NotAction": ["s3:Get*", "a:B"], "Resource": "*"})
    assert told(between(privileges_of(role()), privileges_of(have))) == [
        "+ DENIED: all but a:B, s3:Get* on *"
    ]
    have = read({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": f"{BUCKET}/secret/*"})
    assert told(between(privileges_of(role()), privileges_of(have))) == [
        f"+ s3:GetObject on all but {BUCKET}/secret/*"
    ]


def test_a_replaced_role_moves_like_an_updated_one_and_a_function_moves_nothing() -> None:
    have, want = role(statement("s3:GetObject", BUCKET)), role(statement("s3:PutObject", BUCKET))
    assert privilege_diff(Replace(have, want)) == privilege_diff(Update(have, want))
    assert not privilege_diff(Create(FUNCTION))


def test_a_gained_privilege_has_its_reason_and_reasons_are_not_compared() -> None:
    old, new = (role(policies.statement("s3:GetObject", BUCKET, reason=reason)) for reason in ("one", "two"))
    assert {item.reason for item in privilege_diff(Create(new)).gained if not item.principal} == {"two"}
    assert not privilege_diff(Update(old, new))
