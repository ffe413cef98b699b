"""IAM and STS. The path of an ARN comes from the existing resource, or from the call that creates it."""

from collections.abc import Iterator
from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.iam.models import iam_backends

from local_aws.access.calls import Call
from local_aws.access.evaluation import Context, Permission
from local_aws.access.services.table import (
    Rule,
    all_of,
    if_present,
    no_permission,
    parameter,
    requires,
    same_name,
    tag_context,
)


def backend(call: Call) -> Any:
    """The emulator's IAM."""
    return iam_backends[call.account or settings.ACCOUNT][call.partition]


def creates(kind: str, name: str) -> Rule:
    """Creating a resource of a kind, with the path of the call."""

    def rule(call: Call) -> Iterator[Permission]:
        path = call.text("Path") or "/"
        arn = f"arn:{call.partition}:iam::{call.account}:{kind}{path}{call.text(name)}"
        context = {**with_boundary(call), **tag_context(call.params.get("Tags"))}
        title = "".join(part.capitalize() for part in kind.split("-"))
        yield Permission(f"iam:Create{title}", arn, context)
        if call.params.get("Tags"):
            yield Permission(f"iam:Tag{title}", arn, context)

    return rule


def role(call: Call) -> str:
    """ARN of a role by name."""
    return _found(call, "role", call.text("RoleName"), backend(call).roles)


def user(call: Call) -> str:
    """ARN of a user by name."""
    return _found(call, "user", call.text("UserName"), backend(call).users)


def group(call: Call) -> str:
    """ARN of a group by name."""
    return _found(call, "group", call.text("GroupName"), backend(call).groups)


def profile(call: Call) -> str:
    """ARN of an instance profile by name."""
    return _found(call, "instance-profile", call.text("InstanceProfileName"), backend(call).instance_profiles)


def _found(call: Call, kind: str, name: str, known: dict[str, Any]) -> str:
    arn = next((item.arn for item in list(known.values()) if item.name == name), None)
    return arn or f"arn:{call.partition}:iam::{call.account}:{kind}/{name}"


def with_boundary(call: Call) -> Context:
    """Condition keys of a call that attaches policies."""
    fields = {"PermissionsBoundary": "iam:permissionsboundary", "PolicyArn": "iam:policyarn"}
    found = {key: (call.text(field),) for field, key in fields.items() if call.text(field)}
    held = next(
        (item for item in list(backend(call).roles.values()) if item.name == call.text("RoleName")), None
    )
    boundary = getattr(held, "permissions_boundary_arn", None)
    if boundary and "iam:permissionsboundary" not in found:
        found["iam:permissionsboundary"] = (boundary,)
    return found


def tags(call: Call) -> Context:
    """Condition keys of the tags in a call."""
    return tag_context(call.params.get("Tags"))


TABLE = {
    "CreateRole": creates("role", "RoleName"),
    "CreateUser": creates("user", "UserName"),
    "CreatePolicy": creates("policy", "PolicyName"),
    "CreateGroup": creates("group", "GroupName"),
    "CreateInstanceProfile": creates("instance-profile", "InstanceProfileName"),
    **same_name(
        "iam",
        "GetRole DeleteRole GetRolePolicy ListRolePolicies ListAttachedRolePolicies ListRoleTags UntagRole "
        "ListInstanceProfilesForRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy",
        role,
    ),
    **same_name(
        "iam",
        "PutRolePolicy DeleteRolePolicy AttachRolePolicy DetachRolePolicy PutRolePermissionsBoundary "
        "DeleteRolePermissionsBoundary",
        role,
        context=with_boundary,
    ),
    "TagRole": requires("iam:TagRole", role, context=tags),
    **same_name(
        "iam",
        "GetUser DeleteUser UpdateUser GetUserPolicy ListUserPolicies ListAttachedUserPolicies PutUserPolicy "
        "DeleteUserPolicy AttachUserPolicy DetachUserPolicy CreateAccessKey DeleteAccessKey UpdateAccessKey "
        "ListAccessKeys ListGroupsForUser TagUser UntagUser ListUserTags",
        user,
    ),
    **same_name(
        "iam",
        "GetGroup DeleteGroup AddUserToGroup RemoveUserFromGroup GetGroupPolicy PutGroupPolicy DeleteGroupPolicy "
        "ListGroupPolicies ListAttachedGroupPolicies AttachGroupPolicy DetachGroupPolicy",
        group,
    ),
    **same_name(
        "iam",
        "GetPolicy DeletePolicy GetPolicyVersion CreatePolicyVersion DeletePolicyVersion ListPolicyVersions "
        "SetDefaultPolicyVersion ListEntitiesForPolicy ListPolicyTags TagPolicy UntagPolicy",
        parameter("PolicyArn"),
    ),
    **same_name("iam", "GetInstanceProfile DeleteInstanceProfile", profile),
    "AddRoleToInstanceProfile": all_of(
        requires("iam:AddRoleToInstanceProfile", profile),
        requires("iam:PassRole", role, context=lambda _: {"iam:passedtoservice": ("ec2.amazonaws.com",)}),
    ),
    "RemoveRoleFromInstanceProfile": requires("iam:RemoveRoleFromInstanceProfile", profile),
    **same_name(
        "iam",
        "ListRoles ListUsers ListPolicies ListGroups ListInstanceProfiles ListAccountAliases GetAccountSummary "
        "GetAccountPasswordPolicy GetAccountAuthorizationDetails SimulateCustomPolicy",
    ),
}
STS = {
    "GetCallerIdentity": no_permission,  # policies cannot deny it
    "GetSessionToken": no_permission,
    "AssumeRole": all_of(
        requires("sts:AssumeRole", parameter("RoleArn")),
        if_present("Tags", requires("sts:TagSession", parameter("RoleArn"))),
    ),
    "GetAccessKeyInfo": requires("sts:GetAccessKeyInfo"),
    "DecodeAuthorizationMessage": requires("sts:DecodeAuthorizationMessage"),
}
