"""Policies as lists of removable permissions: actions, resources, condition values. No AWS call."""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from local_aws.access.decisions import Decided
from local_aws.access.wildcards import matches

Document = Mapping[str, Any]


class Kind(str, Enum):
    """The element of a statement that holds the permission."""

    ACTION = "action"
    RESOURCE = "resource"
    VALUE = "condition value"


@dataclass(frozen=True, order=True)
class Permission:
    """One action, one resource, or one of several values of a condition key, in one statement of a role's policy."""

    role: str
    policy: str
    sid: str
    kind: Kind
    text: str
    key: str = ""  # of the condition, as in `kms:ViaService`

    def was_used(self, decided: Decided) -> bool:
        """Whether this permission allowed the request."""
        if not decided.allowed or decided.principal != self.role:
            return False
        grants = [grant for grant in decided.grants if (grant.policy, grant.sid) == (self.policy, self.sid)]
        match self.kind:
            case Kind.ACTION:
                return any(grant.action == self.text for grant in grants)
            case Kind.RESOURCE:
                return any(grant.resource == self.text for grant in grants)
            case Kind.VALUE:
                return bool(grants) and self._admits(decided)

    def explains_denial(self, decided: Decided) -> bool:
        """Whether the request was denied and this permission would have allowed it."""
        if decided.allowed or decided.principal != self.role:
            return False
        match self.kind:
            case Kind.ACTION:
                return decided.action == self.text
            case Kind.RESOURCE:
                return matches(self.text, decided.resource, fold=False)
            case Kind.VALUE:
                return self._admits(decided)

    def _admits(self, decided: Decided) -> bool:
        """Whether this value, which may have wildcards, is that of the request."""
        values = decided.context.get(self.key.lower(), ())
        return any(matches(self.text, value, fold=False) for value in values)


@dataclass(frozen=True)
class RolePolicy:
    """An inline policy of a role: the role's ARN and name, the policy's name and document."""

    role: str
    role_name: str
    name: str
    document: Document

    @property
    def statements(self) -> list[dict[str, Any]]:
        """The statements in their order; each has a Sid, actions and resources as lists."""
        return [
            {**statement, **{key: _listed(statement[key]) for key in ("Action", "Resource")}}
            for statement in self.document["Statement"]
        ]

    @property
    def permissions(self) -> Iterator[Permission]:
        """Every permission that can be removed alone."""
        for statement in self.statements:
            permission = Permission(self.role, self.name, statement["Sid"], Kind.ACTION, "")
            yield from (replace(permission, text=action) for action in statement["Action"])
            yield from (
                replace(permission, kind=Kind.RESOURCE, text=resource) for resource in statement["Resource"]
            )
            for key, values in _conditions(statement):
                if len(values) > 1:  # a condition without its only value means something else
                    yield from (replace(permission, kind=Kind.VALUE, text=value, key=key) for value in values)

    def without(self, permission: Permission) -> str:
        """The JSON document without one permission; a statement without actions or resources is removed."""
        statements = [
            kept
            for statement in copy.deepcopy(self.statements)
            if (kept := _without(statement, permission) if statement["Sid"] == permission.sid else statement)
        ]
        return json.dumps({**self.document, "Statement": statements or [NOTHING]})


NOTHING = {
    "Sid": "Nothing",
    "Effect": "Deny",
    "Action": ["none:Nothing"],
    "Resource": ["arn:aws:none:::nothing"],
}


def used(permissions: Iterable[Permission], decided: Iterable[Decided]) -> frozenset[Permission]:
    """The permissions that allowed any of the requests."""
    found = tuple(decided)
    return frozenset(
        permission for permission in permissions if any(permission.was_used(item) for item in found)
    )


def _without(statement: dict[str, Any], permission: Permission) -> dict[str, Any] | None:
    match permission.kind:
        case Kind.ACTION | Kind.RESOURCE:
            field = "Action" if permission.kind is Kind.ACTION else "Resource"
            statement[field] = [item for item in statement[field] if item != permission.text]
            return statement if statement[field] else None
        case Kind.VALUE:
            for tests in statement["Condition"].values():
                if permission.key in tests:
                    tests[permission.key] = [
                        value for value in _listed(tests[permission.key]) if value != permission.text
                    ]
            return statement


def _conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for tests in statement.get("Condition", {}).values():
        for key, values in tests.items():
            yield key, _listed(values)


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]
