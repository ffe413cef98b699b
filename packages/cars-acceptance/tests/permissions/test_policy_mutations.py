"""The permissions of a policy, and the policy without one of them."""

import json

from cars_acceptance.permissions.policy_mutations import Kind, Permission, RolePolicy, used
from local_aws.access.decisions import Decided
from local_aws.access.evaluation import Grant

ROLE = "arn:aws:iam::111122223333:role/r"
KEYED = {"StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com", "sns.us-east-1.amazonaws.com"]}}
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"},
        {"Sid": "Key", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": ["k"], "Condition": KEYED},
    ],
}  # fmt: skip
POLICY = RolePolicy(ROLE, "r", "cars", DOCUMENT)


def permission(sid: str, kind: Kind, text: str, key: str = "") -> Permission:
    return Permission(ROLE, "cars", sid, kind, text, key)


def decided(action: str, resource: str, *grants: Grant, principal: str = ROLE, **context: str) -> Decided:
    keys = {name.replace("_", ":"): (value,) for name, value in context.items()}
    return Decided(principal, action, resource, bool(grants), keys, grants)


def without(missing: Permission) -> dict[str, object]:
    statements = json.loads(POLICY.without(missing))["Statement"]
    return {statement["Sid"]: statement for statement in statements}


def test_every_action_resource_and_one_of_several_values_is_a_permission() -> None:
    assert list(POLICY.permissions) == [
        permission("Read", Kind.ACTION, "s3:GetObject"),
        permission("Read", Kind.ACTION, "s3:PutObject"),
        permission("Read", Kind.RESOURCE, "arn:aws:s3:::b/*"),
        permission("Key", Kind.ACTION, "kms:Decrypt"),
        permission("Key", Kind.RESOURCE, "k"),
        permission("Key", Kind.VALUE, "s3.us-east-1.amazonaws.com", "kms:ViaService"),
        permission("Key", Kind.VALUE, "sns.us-east-1.amazonaws.com", "kms:ViaService"),
    ]


def test_mutated_policy_lacks_the_permission_and_nothing_else() -> None:
    left = without(permission("Read", Kind.ACTION, "s3:PutObject"))
    assert left["Read"]["Action"] == ["s3:GetObject"]  # type: ignore[index]
    assert left["Key"] == POLICY.statements[1]
    value = permission("Key", Kind.VALUE, "s3.us-east-1.amazonaws.com", "kms:ViaService")
    condition = without(value)["Key"]["Condition"]  # type: ignore[index]
    assert condition == {"StringEquals": {"kms:ViaService": ["sns.us-east-1.amazonaws.com"]}}
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT  # the original is as it was


def test_statement_without_its_last_action_or_resource_is_removed() -> None:
    assert set(without(permission("Read", Kind.RESOURCE, "arn:aws:s3:::b/*"))) == {"Key"}
    assert set(without(permission("Key", Kind.ACTION, "kms:Decrypt"))) == {"Read"}


def test_policy_without_its_last_statement_is_valid() -> None:
    single = RolePolicy(ROLE, "r", "cars", {**DOCUMENT, "Statement": DOCUMENT["Statement"][:1]})
    (statement,) = json.loads(single.without(permission("Read", Kind.RESOURCE, "arn:aws:s3:::b/*")))[
        "Statement"
    ]
    assert statement["Effect"] == "Deny"


def test_permission_is_used_by_the_requests_it_allowed() -> None:
    read = Grant("cars", "Read", "s3:GetObject", "arn:aws:s3:::b/*")
    via = Grant("cars", "Key", "kms:Decrypt", "k")
    found = used(
        POLICY.permissions,
        [
            decided("s3:GetObject", "arn:aws:s3:::b/a", read),
            decided("kms:Decrypt", "k", via, kms_viaservice="s3.us-east-1.amazonaws.com"),
            decided(
                "s3:PutObject", "arn:aws:s3:::b/a", read, principal="arn:aws:iam::111122223333:role/other"
            ),
        ],
    )
    assert found == {
        permission("Read", Kind.ACTION, "s3:GetObject"),
        permission("Read", Kind.RESOURCE, "arn:aws:s3:::b/*"),
        permission("Key", Kind.ACTION, "kms:Decrypt"),
        permission("Key", Kind.RESOURCE, "k"),
        permission("Key", Kind.VALUE, "s3.us-east-1.amazonaws.com", "kms:ViaService"),
    }


def test_permission_explains_the_denial_of_a_request_it_would_allow() -> None:
    refused = decided("s3:PutObject", "arn:aws:s3:::b/a")
    assert permission("Read", Kind.ACTION, "s3:PutObject").explains_denial(refused)
    assert permission("Read", Kind.RESOURCE, "arn:aws:s3:::b/*").explains_denial(refused)
    assert not permission("Read", Kind.ACTION, "s3:GetObject").explains_denial(refused)
    assert not permission("Read", Kind.RESOURCE, "arn:aws:s3:::c/*").explains_denial(refused)
    value = permission("Key", Kind.VALUE, "sns.us-east-1.amazonaws.com", "kms:ViaService")
    assert value.explains_denial(decided("kms:Decrypt", "k", kms_viaservice="sns.us-east-1.amazonaws.com"))
    assert not value.explains_denial(decided("kms:Decrypt", "k", kms_viaservice="s3.us-east-1.amazonaws.com"))


def test_a_condition_value_with_wildcards_admits_what_it_matches() -> None:
    value = permission("List", Kind.VALUE, "cars/dbo/*", "s3:prefix")
    listed = Grant("cars", "List", "s3:ListBucket", "arn:aws:s3:::b")
    assert value.was_used(decided("s3:ListBucket", "arn:aws:s3:::b", listed, s3_prefix="cars/dbo/FARM/"))
    assert not value.was_used(decided("s3:ListBucket", "arn:aws:s3:::b", listed, s3_prefix="cars/other/"))
    assert value.explains_denial(decided("s3:ListBucket", "arn:aws:s3:::b", s3_prefix="cars/dbo/"))
    assert not value.explains_denial(decided("s3:ListBucket", "arn:aws:s3:::b", s3_prefix="cars/other/"))
