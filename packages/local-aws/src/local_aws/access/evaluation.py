"""IAM's policy evaluation for one action on one resource. Pure: no moto, no HTTP.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from local_aws.access.conditions import holds
from local_aws.access.documents import Policy, Statement
from local_aws.access.wildcards import literal, matches

Context = Mapping[str, tuple[str, ...]]  # keys in lower case
ANY_RESOURCE = "*"
VARIABLE = re.compile(r"\$\{([^}]+)\}")
SPECIAL = frozenset("*?$")


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission that a call requires; `context` holds the condition keys of this action."""

    action: str
    resource: str = ANY_RESOURCE
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement that matched, and which of its actions and resources did."""

    policy: str
    sid: str
    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of one caller: identity policies, permissions boundary and session policy (None: there is none)."""

    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None

    @property
    def use_resource_tags(self) -> bool:
        """Whether a condition of any of them reads `aws:ResourceTag`."""
        layers = (self.identity, self.boundary or (), self.session or ())
        return any(policy.uses_resource_tags for layer in layers for policy in layer)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result: the statements that decided, and for a denial the reason in the words of AWS's messages."""

    allowed: bool
    grants: tuple[Grant, ...]
    why: str = ""


def evaluate(policies: Policies, permission: Permission, context: Context) -> Evaluation:
    """An explicit deny wins; then identity, boundary and session must each allow."""
    layers = (
        ("an identity-based policy", "no identity-based policy", policies.identity),
        ("a permissions boundary", "no permissions boundary", policies.boundary),
        ("a session policy", "no session policy", policies.session),
    )
    present = [
        (one, none, list(matching_statements(held, permission, context)))
        for one, none, held in layers
        if held is not None
    ]
    for one, _, found in present:
        denied = tuple(grant for allows, grant in found if not allows)
        if denied:
            return Evaluation(allowed=False, grants=denied, why=f"with an explicit deny in {one}")
    for _, none, found in present:
        if not found:
            return Evaluation(
                allowed=False, grants=(), why=f"because {none} allows the {permission.action} action"
            )
    return Evaluation(allowed=True, grants=tuple(grant for _, grant in present[0][2]))


def matching_statements(
    policies: Iterable[Policy], permission: Permission, context: Context
) -> Iterator[tuple[bool, Grant]]:
    """Each statement about this permission: whether it allows, and what matched."""
    for policy in policies:
        for statement in policy.statements:
            grant = match_statement(policy, statement, permission, context)
            if grant is not None:
                yield statement.allows, grant


def match_statement(
    policy: Policy, statement: Statement, permission: Permission, context: Context
) -> Grant | None:
    """What of a statement matches the permission; None when it does not apply."""
    action = _match_pattern(statement.actions, permission.action, negated=statement.not_actions, fold=True)
    if action is None:
        return None
    resources = statement.resources
    if policy.has_variables and any("${" in item for item in resources):
        substituted = {_substitute_variables(item, context): item for item in resources}
    else:
        substituted = {item: item for item in resources}
    resource = _match_pattern(
        tuple(substituted), permission.resource, negated=statement.not_resources, fold=False
    )
    if resource is None or not _conditions_hold(policy, statement, context):
        return None
    return Grant(policy.name, statement.sid, action, substituted.get(resource, resource))


def _match_pattern(patterns: tuple[str, ...], text: str, *, negated: bool, fold: bool) -> str | None:
    for pattern in patterns:
        if matches(pattern, text, fold=fold):
            return None if negated else pattern
    return f"not {' '.join(patterns)}" if negated else None


def _conditions_hold(policy: Policy, statement: Statement, context: Context) -> bool:
    return all(
        holds(
            condition.operator,
            [_substitute_variables(value, context) for value in condition.values]
            if policy.has_variables
            else condition.values,
            context.get(condition.key.lower()),
        )
        for condition in statement.conditions
    )


def _substitute_variables(text: str, context: Context) -> str:
    """Replace policy variables. A variable without a value makes the text match nothing."""
    if "${" not in text:
        return text

    def value(match: re.Match[str]) -> str:
        key, _, default = match[1].partition(",")
        if key in SPECIAL:
            return literal(key)
        found = context.get(key.strip().lower())
        if found is not None and len(found) == 1:
            return literal(found[0])
        return default.strip().strip("'") or "\0"

    return VARIABLE.sub(value, text)
