"""The deployed policies in IAM: read, mutated, restored."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cars_acceptance.permissions.policy_mutations import Permission, RolePolicy

ENVIRONMENT_TAG = "cars:environment"


@dataclass(frozen=True)
class Policies:
    """The inline policies of all roles that carry an environment's tag; `iam` is an administrator's client."""

    iam: Any
    deploy_env: str

    def read(self) -> tuple[RolePolicy, ...]:
        """All policies, sorted by role name."""
        roles = [
            role
            for page in self.iam.get_paginator("list_roles").paginate()
            for role in page["Roles"]
            if self._tag(role["RoleName"]) == self.deploy_env
        ]
        found = [policy for role in roles for policy in self._of(role)]
        return tuple(sorted(found, key=lambda policy: (policy.role_name, policy.name)))

    @contextmanager
    def without(self, policy: RolePolicy, permission: Permission) -> Iterator[None]:
        """Remove the permission from the policy for the duration of the block."""
        self._put(policy, policy.without(permission))
        try:
            yield
        finally:
            self._put(policy, json.dumps(policy.document))

    def _of(self, role: dict[str, Any]) -> Iterator[RolePolicy]:
        name = role["RoleName"]
        for policy in self.iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = self.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            yield RolePolicy(role["Arn"], name, policy, document)

    def _put(self, policy: RolePolicy, document: str) -> None:
        self.iam.put_role_policy(RoleName=policy.role_name, PolicyName=policy.name, PolicyDocument=document)

    def _tag(self, role: str) -> str | None:
        tags = {item["Key"]: item["Value"] for item in self.iam.list_role_tags(RoleName=role)["Tags"]}
        return tags.get(ENVIRONMENT_TAG)
