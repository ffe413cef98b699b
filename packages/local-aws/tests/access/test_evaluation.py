import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.access.documents import Policy, PolicyError, parse
from local_aws.access.evaluation import Evaluation, Permission, Policies, evaluate
from local_aws.access.wildcards import arn_matches, matches
from local_aws.testing.roles import allow, document

KEY = "arn:aws:s3:::b/conf/a.sql"
READ = Permission("s3:GetObject", KEY)


def policy(*statements: dict[str, Any], name: str = "p") -> Policy:
    return parse(name, document(*statements))


def deny(actions: str, *resources: str, **more: Any) -> dict[str, Any]:
    return {**allow(actions, *resources, **more), "Effect": "Deny"}


def decide(*policies: Policy, permission: Permission = READ, **more: Any) -> Evaluation:
    return evaluate(Policies(policies, **more), permission, permission.context)


def test_what_nothing_allows_is_denied_and_the_reason_is_awss() -> None:
    verdict = decide(policy(allow("s3:PutObject")))
    assert not verdict.allowed
    assert verdict.why == "because no identity-based policy allows the s3:GetObject action"


def test_what_a_statement_allows_is_allowed_and_the_statement_is_named() -> None:
    verdict = decide(policy({**allow("s3:GetObject s3:PutObject", "arn:aws:s3:::b/conf/*"), "Sid": "Read"}))
    assert verdict.allowed
    [grant] = verdict.grants
    assert (grant.policy, grant.sid, grant.action, grant.resource) == (
        "p",
        "Read",
        "s3:GetObject",
        "arn:aws:s3:::b/conf/*",
    )


def test_every_statement_that_allows_is_named() -> None:
    verdict = decide(policy({**allow("s3:*"), "Sid": "A"}, {**allow("s3:Get*", "*"), "Sid": "B"}))
    assert [grant.sid for grant in verdict.grants] == ["A", "B"]


def test_explicit_deny_wins_wherever_it_stands() -> None:
    for policies in [
        (policy(allow("*"), deny("s3:GetObject", KEY)),),
        (policy(deny("s3:Get*")), policy(allow("*"))),
    ]:
        verdict = decide(*policies)
        assert not verdict.allowed
        assert verdict.why == "with an explicit deny in an identity-based policy"


def test_actions_ignore_case_and_resources_do_not() -> None:
    assert decide(policy(allow("S3:getobject", KEY))).allowed
    assert not decide(policy(allow("s3:GetObject", KEY.upper()))).allowed


def test_not_action_allows_all_others() -> None:
    statement = {"Effect": "Allow", "NotAction": ["iam:*", "s3:Put*"], "Resource": "*"}
    assert decide(policy(statement)).allowed
    assert not decide(policy(statement), permission=Permission("s3:PutObject", KEY)).allowed


def test_not_resource_covers_all_others() -> None:
    statement = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/conf/*"}
    assert decide(policy(allow("s3:*"), statement)).allowed
    assert not decide(
        policy(allow("s3:*"), statement), permission=Permission("s3:GetObject", "arn:aws:s3:::b/x")
    ).allowed


def test_boundary_and_session_policy_limit_and_grant_nothing() -> None:
    wide, narrow = policy(allow("*")), policy(allow("s3:List*"), name="limit")
    assert "no permissions boundary" in decide(wide, boundary=(narrow,)).why
    assert "no session policy" in decide(wide, session=(narrow,)).why
    assert not decide(boundary=(wide,), session=(wide,)).allowed
    assert decide(wide, boundary=(wide,), session=(wide,)).allowed
    assert (
        decide(wide, boundary=(policy(deny("s3:*")),)).why
        == "with an explicit deny in a permissions boundary"
    )


def test_all_lines_of_a_condition_must_hold() -> None:
    condition = {"StringLike": {"s3:Prefix": ["conf/*", "data/*"]}, "NumericLessThan": {"s3:max-keys": 10}}
    held = policy(allow("s3:ListBucket", Condition=condition))

    def listing(**context: str) -> bool:
        found = {f"s3:{key.replace('_', '-')}": (value,) for key, value in context.items()}
        return decide(held, permission=Permission("s3:ListBucket", "arn:aws:s3:::b", found)).allowed

    assert listing(prefix="data/x", max_keys="9")
    assert not listing(prefix="data/x", max_keys="10")
    assert not listing(prefix="other", max_keys="9")
    assert not listing(max_keys="9")


def test_variables_are_replaced_by_what_the_request_brings() -> None:
    held = policy(allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*"))
    own = Permission("s3:GetObject", "arn:aws:s3:::b/ann/x", {"aws:username": ("ann",)})
    assert decide(held, permission=own).allowed
    assert not decide(
        held, permission=Permission(own.action, own.resource, {"aws:username": ("bob",)})
    ).allowed
    assert not decide(held, permission=Permission(own.action, own.resource)).allowed
    star = policy(allow("s3:GetObject", "arn:aws:s3:::b/${*}"))
    assert decide(star, permission=Permission("s3:GetObject", "arn:aws:s3:::b/*")).allowed
    assert not decide(star, permission=Permission("s3:GetObject", "arn:aws:s3:::b/x")).allowed


def test_variables_mean_nothing_in_the_older_version() -> None:
    old = parse("p", json.dumps({"Statement": allow("s3:GetObject", "arn:aws:s3:::b/${aws:username}")}))
    permission = Permission("s3:GetObject", "arn:aws:s3:::b/ann", {"aws:username": ("ann",)})
    assert not decide(old, permission=permission).allowed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "policy p is not JSON"),
        ("[]", "must be a JSON object"),
        ('{"Version": "2020-01-01"}', "Version must be one of 2012-10-17, 2008-10-17, got '2020-01-01'"),
        (document({"Effect": "Perhaps", "Action": "*"}), "statement 0: Effect must be Allow or Deny"),
        (document({"Effect": "Allow", "Resource": "*"}), "Action or NotAction is missing"),
        (document({"Effect": "Allow", "Action": "*", "Resources": "*"}), "unknown element Resources"),
        (document({"Effect": "Allow", "Action": "*", "NotAction": "*"}), "Action and NotAction exclude"),
        (
            document(allow("*", Condition={"StringMatches": {"a": "b"}})),
            "statement 0: condition operator StringMatches is unknown",
        ),
    ],
)
def test_document_that_iam_would_not_take_says_where(text: str, problem: str) -> None:
    with pytest.raises(PolicyError, match=problem.replace("(", r"\(")):
        parse("p", text)


TEXT = st.text(alphabet="ab:/-.*?[]", max_size=12)


@given(TEXT)
def test_text_without_wildcards_matches_itself_only(text: str) -> None:
    plain = text.replace("*", "a").replace("?", "b")
    assert matches(plain, plain)
    assert not matches(plain, plain + "a")


@given(TEXT, TEXT, TEXT)
def test_star_stands_for_anything_and_a_mark_for_one_character(start: str, middle: str, end: str) -> None:
    start, end = (part.replace("*", "a").replace("?", "b") for part in (start, end))
    assert matches(f"{start}*{end}", f"{start}{middle}{end}")
    assert matches(f"{start}?{end}", f"{start}x{end}")
    assert not matches(f"{start}?{end}", f"{start}xx{end}")
    assert not matches(f"{start}?{end}", f"{start}{end}")


@given(
    st.lists(st.sampled_from(["s3:GetObject", "s3:*", "s3:Get*", "iam:PassRole"]), min_size=1), st.booleans()
)
def test_more_allows_never_take_away_and_a_deny_never_adds(actions: list[str], wide: bool) -> None:
    held = policy(*(allow(action) for action in actions))
    more = policy(allow("*" if wide else "ec2:*"))
    assert decide(held, more).allowed >= decide(held).allowed
    assert decide(held, policy(deny("s3:Put*"))).allowed == decide(held).allowed
    assert not decide(held, policy(deny("s3:GetObject"))).allowed


def test_arn_patterns_do_not_reach_over_their_parts() -> None:
    arn = "arn:aws:iam::111122223333:role/path/name"
    assert arn_matches("arn:*:iam::111122223333:role/*", arn)
    assert not arn_matches("arn:*:role/path/name", arn)
