"""What a policy consists of, and what it lacks without a part."""

import json

from cars_acceptance.permissions.policy_mutations import Kind, Part, RolePolicy, used
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


def part(sid: str, kind: Kind, text: str, key: str = "") -> Part:
    return Part(ROLE, "cars", sid, kind, text, key)


def decided(action: str, resource: str, *grants: Grant, principal: str = ROLE, **context: str) -> Decided:
    keys = {name.replace("_", ":"): (value,) for name, value in context.items()}
    return Decided(principal, action, resource, bool(grants), keys, grants)


def without(missing: Part) -> dict[str, object]:
    statements = json.loads(POLICY.without(missing))["Statement"]
    return {statement["Sid"]: statement for statement in statements}


def test_every_action_resource_and_one_of_several_values_is_a_part() -> None:
    assert list(POLICY.parts) == [
        part("Read", Kind.ACTION, "s3:GetObject"),
        part("Read", Kind.ACTION, "s3:PutObject"),
        part("Read", Kind.RESOURCE, "arn:aws:s3:::b/*"),
        part("Key", Kind.ACTION, "kms:Decrypt"),
        part("Key", Kind.RESOURCE, "k"),
        part("Key", Kind.VALUE, "s3.us-east-1.amazonaws.com", "kms:ViaService"),
        part("Key", Kind.VALUE, "sns.us-east-1.amazonaws.com", "kms:ViaService"),
    ]


def test_policy_lacks_the_part_and_nothing_else() -> None:
    left = without(part("Read", Kind.ACTION, "s3:PutObject"))
    assert left["Read"]["Action"] == ["s3:GetObject"]  # type: ignore[index]
    assert left["Key"] == POLICY.statements[1]
    value = part("Key", Kind.VALUE, "s3.us-east-1.amazonaws.com", "kms:ViaService")
    condition = without(value)["Key"]["Condition"]  # type: ignore[index]
    assert condition == {"StringEquals": {"kms:ViaService": ["sns.us-east-1.amazonaws.com"]}}
    assert json.loads(json.dumps(DOCUMENT)) == DOCUMENT  # the original is as it was


def test_statement_without_its_last_action_or_resource_goes() -> None:
    assert set(without(part("Read", Kind.RESOURCE, "arn:aws:s3:::b/*"))) == {"Key"}
    assert set(without(part("Key", Kind.ACTION, "kms:Decrypt"))) == {"Read"}


def test_policy_without_its_last_statement_still_is_one() -> None:
    single = RolePolicy(ROLE, "r", "cars", {**DOCUMENT, "Statement": DOCUMENT["Statement"][:1]})
    (statement,) = json.loads(single.without(part("Read", Kind.RESOURCE, "arn:aws:s3:::b/*")))["Statement"]
    assert statement["Effect"] == "Deny"


def test_part_is_used_by_what_it_allowed() -> None:
    read = Grant("cars", "Read", "s3:GetObject", "arn:aws:s3:::b/*")
    via = Grant("cars", "Key", "kms:Decrypt", "k")
    found = used(
        POLICY.parts,
        [
            decided("s3:GetObject", "arn:aws:s3:::b/a", read),
            decided("kms:Decrypt", "k", via, kms_viaservice="s3.us-east-1.amazonaws.com"),
            decided(
                "s3:PutObject", "arn:aws:s3:::b/a", read, principal="arn:aws:iam::111122223333:role/other"
            ),
        ],
    )
    assert found == {
        part("Read", Kind.ACTION, "s3:GetObject"),
        part("Read", Kind.RESOURCE, "arn:aws:s3:::b/*"),
        part("Key", Kind.ACTION, "kms:Decrypt"),
        part("Key", Kind.RESOURCE, "k"),
        part("Key", Kind.VALUE, "s3.us-east-1.amazonaws.com", "kms:ViaService"),
    }


def test_part_is_missed_by_what_was_refused_for_want_of_it() -> None:
    refused = decided("s3:PutObject", "arn:aws:s3:::b/a")
    assert part("Read", Kind.ACTION, "s3:PutObject").was_missed(refused)
    assert part("Read", Kind.RESOURCE, "arn:aws:s3:::b/*").was_missed(refused)
    assert not part("Read", Kind.ACTION, "s3:GetObject").was_missed(refused)
    assert not part("Read", Kind.RESOURCE, "arn:aws:s3:::c/*").was_missed(refused)
    value = part("Key", Kind.VALUE, "sns.us-east-1.amazonaws.com", "kms:ViaService")
    assert value.was_missed(decided("kms:Decrypt", "k", kms_viaservice="sns.us-east-1.amazonaws.com"))
    assert not value.was_missed(decided("kms:Decrypt", "k", kms_viaservice="s3.us-east-1.amazonaws.com"))
