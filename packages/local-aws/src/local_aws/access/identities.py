"""The deployed policies of users and roles, read from the emulator's IAM; parsed texts are cached."""

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
    """Policies and trust of the account's principals."""

    def __init__(self, account: str = settings.ACCOUNT) -> None:
        self._iam: Any = iam_backends[account][PARTITION]

    def policies(self, caller: Caller) -> Policies:
        """Everything that counts for a caller; a role that is gone allows nothing."""
        owner = self._role(caller.owner) if caller.kind == "role" else self._iam.users.get(caller.name)
        if owner is None:
            return NOTHING
        return Policies(
            identity=tuple(self._of(owner)),
            boundary=self._boundary(owner),
            session=(parse("session", caller.session_policy),) if caller.session_policy else None,
        )

    def trust(self, role_arn: str) -> Policy | None:
        """The trust policy of a role, None when there is no such role."""
        role = self._role(role_arn)
        return parse("trust", _text(role.assume_role_policy_document)) if role is not None else None

    def role_arn(self, name: str) -> str | None:
        """ARN of a role by name, with its path."""
        return next((role.arn for role in list(self._iam.roles.values()) if role.name == name), None)

    def _role(self, arn: str) -> Any:
        return next((role for role in list(self._iam.roles.values()) if role.arn == arn), None)

    def _of(self, owner: Any) -> Iterator[Policy]:
        for name, text in list(owner.policies.items()):
            yield parse(name, _text(text))
        for policy in list(owner.managed_policies.values()):
            yield parse(policy.arn, _current(policy))
        if hasattr(owner, "access_keys"):
            for group in list(self._iam.groups.values()):
                if owner in group.users:
                    yield from self._of(group)

    def _boundary(self, owner: Any) -> tuple[Policy, ...] | None:
        arn = getattr(owner, "permissions_boundary_arn", None)
        if not arn:
            return None
        found = self._iam.managed_policies.get(arn)
        return (parse(arn, _current(found)),) if found is not None else ()


def _current(policy: Any) -> str:
    """The text of a managed policy's default version."""
    return _text(next(version.document for version in policy.versions if version.is_default_version))


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
