"""Asks for every call whether its caller may make it, and notes each answer."""

from collections.abc import Iterable

from local_aws.access.callers import Caller, request_context, role_caller
from local_aws.access.documents import Policy
from local_aws.access.evaluation import Need, evaluate, grants
from local_aws.access.identities import Identities
from local_aws.access.record import Decision, Delivery, Record
from local_aws.access.resource_tags import tag_keys_of
from local_aws.emulator.settings import REGION
from local_aws.errors import LocalAwsError


class DeniedError(LocalAwsError):
    """A caller may not do something; worded as AWS words it."""


class Guard:
    """The one place where access is decided; `enforced` is False when everybody may do everything."""

    def __init__(self, identities: Identities, record: Record, *, enforced: bool = True) -> None:
        self.record = record
        self.enforced = enforced
        self.identities = identities

    def check(self, caller: Caller, needs: Iterable[Need], region: str = REGION) -> None:
        """Raise `DeniedError` for the first need that is not met."""
        if caller.is_administrator or not self.enforced:
            return
        policies = self.identities.policies(caller)
        around = {**request_context(region), **caller.context}
        for need in needs:
            about = {**need.context, **(tag_keys_of(need.resource) if policies.ask_for_tags else {})}
            verdict = evaluate(policies, need, {**around, **about})
            self.record.add(
                Decision(
                    caller.arn,
                    caller.owner,
                    need.action,
                    need.resource,
                    verdict.allowed,
                    verdict.grants,
                    verdict.why,
                    tuple(sorted(about.items())),
                )
            )
            if not verdict.allowed:
                raise DeniedError(denial(caller, need, verdict.why))

    def may(self, caller: Caller, need: Need, region: str = REGION) -> bool:
        """Whether a caller may do something that is left out, not refused, when it may not."""
        try:
            self.check(caller, [need], region)
        except DeniedError:
            return False
        return True

    def role_may(self, role_arn: str, session: str, *needs: Need) -> bool:
        """Whether a service that acts with a role may do all of something; what it may not is noted."""
        try:
            self.check(role_caller(role_arn, session), needs)
        except DeniedError:
            return False
        return True

    def delivers(self, role_arn: str, session: str, what: str, where: str, *needs: Need) -> bool:
        """`role_may`, and a note of the delivery when it may."""
        allowed = self.role_may(role_arn, session, *needs)
        if allowed and self.enforced:
            self.record.deliver(Delivery(role_arn, what, where))
        return allowed

    def trusts(self, role_arn: str, kind: str, principal: str, region: str = REGION) -> bool:
        """Whether a role's trust policy lets a principal (of kind AWS or Service) assume it."""
        policy = self.identities.trust(role_arn)
        need = Need("sts:AssumeRole", role_arn)
        found = (
            list(grants((_for_principal(policy, kind, principal),), need, request_context(region)))
            if policy
            else []
        )
        return bool(found) and all(allows for allows, _ in found)


def denial(caller: Caller, need: Need, why: str) -> str:
    """AWS's sentence."""
    where = f" on resource: {need.resource}" if need.resource != "*" else ""
    return f"User: {caller.arn} is not authorized to perform: {need.action}{where} {why}"


def _for_principal(policy: Policy, kind: str, principal: str) -> Policy:
    """The statements of a trust policy that speak of a principal, on any resource: a trust policy names none."""
    from dataclasses import replace

    spoken = tuple(
        replace(statement, resources=("*",))
        for statement in policy.statements
        if _speaks_of(statement.principals, kind, principal) != statement.not_principals
    )
    return replace(policy, statements=spoken)


def _speaks_of(principals: Iterable[tuple[str, str]], kind: str, principal: str) -> bool:
    account = principal.split(":")[4] if kind == "AWS" and principal.count(":") > 4 else ""
    named = {principal, "*"} | ({account, f"arn:aws:iam::{account}:root"} if account else set())
    return any(found_kind in {kind, "*"} and name in named for found_kind, name in principals)
