"""Authorizes calls and records each decision."""

from collections.abc import Iterable

from local_aws.access.callers import Caller, request_context, role_session
from local_aws.access.documents import Policy
from local_aws.access.evaluation import Permission, evaluate, matching_statements
from local_aws.access.identities import Identities
from local_aws.access.record import Decision, Delivery, Record
from local_aws.access.resource_tags import resource_tag_keys
from local_aws.emulator.settings import REGION
from local_aws.errors import LocalAwsError


class DeniedError(LocalAwsError):
    """A permission is missing; the message is that of AWS."""


class Guard:
    """Decides about all permissions. Without `enforced` every call is allowed and nothing is recorded."""

    def __init__(self, identities: Identities, record: Record, *, enforced: bool = True) -> None:
        self.record = record
        self.enforced = enforced
        self.identities = identities

    def authorize(self, caller: Caller, permissions: Iterable[Permission], region: str = REGION) -> None:
        """Raise `DeniedError` for the first missing permission."""
        if caller.is_administrator or not self.enforced:
            return
        policies = self.identities.policies(caller)
        request_keys = {**request_context(region), **caller.context}
        for permission in permissions:
            permission_keys = {
                **permission.context,
                **(resource_tag_keys(permission.resource) if policies.use_resource_tags else {}),
            }
            evaluation = evaluate(policies, permission, {**request_keys, **permission_keys})
            self.record.add(
                Decision(
                    caller.arn,
                    caller.principal_arn,
                    permission.action,
                    permission.resource,
                    evaluation.allowed,
                    evaluation.grants,
                    evaluation.why,
                    tuple(sorted(permission_keys.items())),
                )
            )
            if not evaluation.allowed:
                raise DeniedError(denial_message(caller, permission, evaluation.why))

    def allows(self, caller: Caller, permission: Permission, region: str = REGION) -> bool:
        """Whether a caller has a permission; for fields that AWS leaves out of an answer instead of denying the call."""
        try:
            self.authorize(caller, [permission], region)
        except DeniedError:
            return False
        return True

    def role_allows(self, role_arn: str, session: str, *permissions: Permission) -> bool:
        """Whether a role has all of these permissions; for services that act with the role. Denials are recorded."""
        try:
            self.authorize(role_session(role_arn, session), permissions)
        except DeniedError:
            return False
        return True

    def allows_delivery(
        self, role_arn: str, session: str, what: str, where: str, *permissions: Permission
    ) -> bool:
        """`role_allows`; an allowed delivery is recorded."""
        allowed = self.role_allows(role_arn, session, *permissions)
        if allowed and self.enforced:
            self.record.deliver(Delivery(role_arn, what, where))
        return allowed

    def role_trusts(self, role_arn: str, kind: str, principal: str, region: str = REGION) -> bool:
        """Whether a role's trust policy lets a principal (of kind AWS or Service) assume it."""
        policy = self.identities.trust_policy(role_arn)
        permission = Permission("sts:AssumeRole", role_arn)
        found = (
            list(
                matching_statements(
                    (_statements_naming(policy, kind, principal),), permission, request_context(region)
                )
            )
            if policy
            else []
        )
        return bool(found) and all(allows for allows, _ in found)


def denial_message(caller: Caller, permission: Permission, why: str) -> str:
    """The message of AWS for a missing permission."""
    where = f" on resource: {permission.resource}" if permission.resource != "*" else ""
    return f"User: {caller.arn} is not authorized to perform: {permission.action}{where} {why}"


def _statements_naming(policy: Policy, kind: str, principal: str) -> Policy:
    """The statements of a trust policy about a principal. They get the resource `*`: a trust policy names none."""
    from dataclasses import replace

    matching = tuple(
        replace(statement, resources=("*",))
        for statement in policy.statements
        if _names_principal(statement.principals, kind, principal) != statement.not_principals
    )
    return replace(policy, statements=matching)


def _names_principal(principals: Iterable[tuple[str, str]], kind: str, principal: str) -> bool:
    account = principal.split(":")[4] if kind == "AWS" and principal.count(":") > 4 else ""
    named = {principal, "*"} | ({account, f"arn:aws:iam::{account}:root"} if account else set())
    return any(found_kind in {kind, "*"} and name in named for found_kind, name in principals)
