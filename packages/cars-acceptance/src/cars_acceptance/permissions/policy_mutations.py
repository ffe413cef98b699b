"""What a policy consists of that can be taken away: actions, resources, values of conditions; pure."""

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
    """What of a statement a part is."""

    ACTION = "action"
    RESOURCE = "resource"
    VALUE = "condition value"


@dataclass(frozen=True, order=True)
class Part:
    """One action, one resource, or one of several values of a condition's key, of one statement of a role's policy."""

    role: str
    policy: str
    sid: str
    kind: Kind
    text: str
    key: str = ""  # of the condition, as in `kms:ViaService`

    def was_used(self, decided: Decided) -> bool:
        """Whether something was allowed through this part."""
        if not decided.allowed or decided.principal != self.role:
            return False
        grants = [grant for grant in decided.grants if (grant.policy, grant.sid) == (self.policy, self.sid)]
        match self.kind:
            case Kind.ACTION:
                return any(grant.action == self.text for grant in grants)
            case Kind.RESOURCE:
                return any(grant.resource == self.text for grant in grants)
            case Kind.VALUE:
                return bool(grants) and self.text in decided.context.get(self.key.lower(), ())

    def was_missed(self, decided: Decided) -> bool:
        """Whether something was refused that this part would have allowed."""
        if decided.allowed or decided.principal != self.role:
            return False
        match self.kind:
            case Kind.ACTION:
                return decided.action == self.text
            case Kind.RESOURCE:
                return matches(self.text, decided.resource, fold=False)
            case Kind.VALUE:
                return self.text in decided.context.get(self.key.lower(), ())


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
    def parts(self) -> Iterator[Part]:
        """Everything that can be taken away one by one."""
        for statement in self.statements:
            part = Part(self.role, self.name, statement["Sid"], Kind.ACTION, "")
            yield from (replace(part, text=action) for action in statement["Action"])
            yield from (
                replace(part, kind=Kind.RESOURCE, text=resource) for resource in statement["Resource"]
            )
            for key, values in _conditions(statement):
                if len(values) > 1:  # without its only value a condition would be another one
                    yield from (replace(part, kind=Kind.VALUE, text=value, key=key) for value in values)

    def without(self, part: Part) -> str:
        """The document, as JSON, without one part; a statement that loses its last one goes as a whole."""
        statements = [
            kept
            for statement in copy.deepcopy(self.statements)
            if (kept := _without(statement, part) if statement["Sid"] == part.sid else statement)
        ]
        return json.dumps({**self.document, "Statement": statements or [NOTHING]})


NOTHING = {
    "Sid": "Nothing",
    "Effect": "Deny",
    "Action": ["none:Nothing"],
    "Resource": ["arn:aws:none:::nothing"],
}


def used(parts: Iterable[Part], decided: Iterable[Decided]) -> frozenset[Part]:
    """The parts through which something was allowed."""
    found = tuple(decided)
    return frozenset(part for part in parts if any(part.was_used(item) for item in found))


def _without(statement: dict[str, Any], part: Part) -> dict[str, Any] | None:
    match part.kind:
        case Kind.ACTION | Kind.RESOURCE:
            field = "Action" if part.kind is Kind.ACTION else "Resource"
            statement[field] = [item for item in statement[field] if item != part.text]
            return statement if statement[field] else None
        case Kind.VALUE:
            for tests in statement["Condition"].values():
                if part.key in tests:
                    tests[part.key] = [value for value in _listed(tests[part.key]) if value != part.text]
            return statement


def _conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for tests in statement.get("Condition", {}).values():
        for key, values in tests.items():
            yield key, _listed(values)


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]
