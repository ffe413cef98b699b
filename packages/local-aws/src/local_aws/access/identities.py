"""Reads the policies of users and roles from the emulator's IAM. Parsed documents are cached."""

import json
from collections.abc import Iterator
from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.iam.models import iam_backends

from local_aws.access.callers import PARTITION, Caller
from local_aws.access.documents import Policy, parse
from local_aws.access.evaluation import Policies

NOTHING = Policies(())


class Identities:
    """The policies and trust policies of the account's users and roles."""

    def __init__(self, account: str = settings.ACCOUNT) -> None:
        self._iam: Any = iam_backends[account][PARTITION]

    def policies(self, caller: Caller) -> Policies:
        """The policies that apply to a caller. A deleted role has none, and so allows nothing."""
        identity_holder = (
            self._role(caller.principal_arn) if caller.kind == "role" else self._iam.users.get(caller.name)
        )
        if identity_holder is None:
            return NOTHING
        return Policies(
            identity=tuple(self._policies_of(identity_holder)),
            boundary=self._boundary(identity_holder),
            session=(parse("session", caller.session_policy),) if caller.session_policy else None,
        )

    def trust_policy(self, role_arn: str) -> Policy | None:
        """The trust policy of a role; None when the role does not exist."""
        role = self._role(role_arn)
        return parse("trust", _as_text(role.assume_role_policy_document)) if role is not None else None

    def role_arn(self, name: str) -> str | None:
        """The ARN of the role with this name; the ARN contains its path."""
        return next((role.arn for role in list(self._iam.roles.values()) if role.name == name), None)

    def _role(self, arn: str) -> Any:
        return next((role for role in list(self._iam.roles.values()) if role.arn == arn), None)

    def _policies_of(self, identity_holder: Any) -> Iterator[Policy]:
        for name, text in list(identity_holder.policies.items()):
            yield parse(name, _as_text(text))
        for policy in list(identity_holder.managed_policies.values()):
            yield parse(policy.arn, _default_version(policy))
        if hasattr(identity_holder, "access_keys"):
            for group in list(self._iam.groups.values()):
                if identity_holder in group.users:
                    yield from self._policies_of(group)

    def _boundary(self, identity_holder: Any) -> tuple[Policy, ...] | None:
        arn = getattr(identity_holder, "permissions_boundary_arn", None)
        if not arn:
            return None
        found = self._iam.managed_policies.get(arn)
        return (parse(arn, _default_version(found)),) if found is not None else ()


def _default_version(policy: Any) -> str:
    """The text of a managed policy's default version."""
    return _as_text(next(version.document for version in policy.versions if version.is_default_version))


def _as_text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
