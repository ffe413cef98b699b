"""IAM roles with one inline policy; any other policy of an owned role is drift."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from deployer.aws.adapter import code_of, dropped, our_tags
from deployer.aws.clients import Clients
from deployer.aws.default_values import ROLE, filled
from deployer.model.permissions import Permission, Scope, anywhere
from deployer.model.resources import Document, Role, Statement

_POLICY = "cars"
_INLINE = "inline:"
_PLAIN = {"Sid", "Effect", "Action", "Resource", "Condition"}


def _owned(scope: Scope) -> list[str]:
    """Roles that begin with the prefix, and made ones that do not."""
    pattern = scope.names.role_arn(f"{scope.names.prefix}-*")
    bare = (scope.names.role_arn(arn.rpartition("/")[2]) for arn in scope.made_roles)
    others = (arn for arn in bare if not arn.startswith(pattern[:-1]))
    return [pattern, *others, *scope.moved_roles]


PERMISSIONS = (
    Permission("Find", "iam:ListRoles", anywhere),
    Permission(
        "ReadRoles",
        "iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies iam:ListRolePolicies",
        _owned,
    ),
    Permission(
        "WriteRoles",
        "iam:CreateRole iam:DeleteRolePolicy iam:DetachRolePolicy iam:PutRolePolicy iam:TagRole iam:UntagRole "
        "iam:UpdateAssumeRolePolicy",
        lambda scope: scope.made_roles,
    ),
    Permission("DeleteOwned", "iam:DeleteRole iam:DeleteRolePolicy iam:DetachRolePolicy", _owned),
)


class Roles:
    """Roles by name; permission boundaries belong to the account and are not touched."""

    def __init__(self, clients: Clients) -> None:
        self._iam = clients.iam

    def candidates(self, prefix: str) -> Iterable[str]:
        for page in self._iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1000}):
            yield from (role["RoleName"] for role in page["Roles"] if role["RoleName"].startswith(prefix))

    def read(self, name: str) -> Role | None:
        try:
            role = filled(ROLE, self._iam.get_role(RoleName=name)["Role"])
        except ClientError as error:
            if code_of(error) == "NoSuchEntity":
                return None
            raise
        inline = self._iam.list_role_policies(RoleName=name)["PolicyNames"]
        attached = self._iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        others = [f"{_INLINE}{policy}" for policy in inline if policy != _POLICY]
        return Role(
            name=name,
            path=role["Path"],
            trust=Document(json.dumps(role["AssumeRolePolicyDocument"])),
            policy=self._policy(name) if _POLICY in inline else {},
            tags=our_tags({tag["Key"]: tag["Value"] for tag in role["Tags"]}),
            other_policies=tuple(sorted([*others, *(policy["PolicyArn"] for policy in attached)])),
        )

    def create(self, want: Role) -> None:
        self._iam.create_role(
            RoleName=want.name,
            Path=want.path,
            AssumeRolePolicyDocument=want.trust.text,
            Description="Made by the CARS deployer",
            Tags=_tag_list(want.tags),
        )
        self._put_policy(want)

    def update(self, have: Role, want: Role) -> None:
        if have.trust != want.trust:
            self._iam.update_assume_role_policy(RoleName=want.name, PolicyDocument=want.trust.text)
        if have.policy != want.policy:
            self._put_policy(want)
        self._remove(want.name, set(have.other_policies) - set(want.other_policies))
        if gone := dropped(have.tags, want.tags):
            self._iam.untag_role(RoleName=want.name, TagKeys=gone)
        if have.tags != want.tags:
            self._iam.tag_role(RoleName=want.name, Tags=_tag_list(want.tags))

    def delete(self, have: Role) -> None:
        own = {f"{_INLINE}{_POLICY}"} if have.policy else set()
        self._remove(have.name, own | set(have.other_policies))
        self._iam.delete_role(RoleName=have.name)

    def _policy(self, name: str) -> dict[str, Statement]:
        # boto3 has decoded the document; the stubs declare it as text.
        document: Any = self._iam.get_role_policy(RoleName=name, PolicyName=_POLICY)["PolicyDocument"]
        return parse_policy(document)

    def _put_policy(self, want: Role) -> None:
        document = json.dumps(policy_document(want.policy))
        self._iam.put_role_policy(RoleName=want.name, PolicyName=_POLICY, PolicyDocument=document)

    def _remove(self, role: str, policies: set[str]) -> None:
        for policy in sorted(policies):
            if policy.startswith(_INLINE):
                self._iam.delete_role_policy(RoleName=role, PolicyName=policy.removeprefix(_INLINE))
            else:
                self._iam.detach_role_policy(RoleName=role, PolicyArn=policy)


def policy_document(policy: Mapping[str, Statement]) -> dict[str, Any]:
    """IAM's JSON of a policy."""
    return {
        "Version": "2012-10-17",
        "Statement": [_statement(sid, item) for sid, item in sorted(policy.items())],
    }


def parse_policy(document: Mapping[str, Any]) -> dict[str, Statement]:
    """A policy document as statements by Sid; another form than ours is kept as text, so that it differs."""
    statements = document.get("Statement", [])
    found = statements if isinstance(statements, list) else [statements]
    return {item.get("Sid", f"statement {index}"): _parsed(item) for index, item in enumerate(found)}


def _parsed(item: Mapping[str, Any]) -> Statement:
    if item.get("Effect") != "Allow" or not item.keys() <= _PLAIN:
        return Statement((json.dumps(item, sort_keys=True),), ())
    condition = item.get("Condition")
    return Statement(
        _sorted(item["Action"]),
        _sorted(item["Resource"]),
        Document(json.dumps(condition, sort_keys=True)) if condition else None,
    )


def _statement(sid: str, item: Statement) -> dict[str, Any]:
    found = {"Sid": sid, "Effect": "Allow", "Action": list(item.actions), "Resource": list(item.resources)}
    return found | ({"Condition": item.condition.value()} if item.condition else {})


def _sorted(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(sorted(value))


def _tag_list(tags: Mapping[str, str]) -> list[Any]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
