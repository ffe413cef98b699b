"""Whether policies allow one action on one resource: pure, nothing of moto and nothing of HTTP.

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
class Need:
    """One permission that a call takes; `context` holds the condition keys of this action beside the caller's."""

    action: str
    resource: str = ANY_RESOURCE
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grant:
    """The statement that matched, with the action and the resource of it that did."""

    policy: str
    sid: str
    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class Policies:
    """What counts for one caller: identity policies, and the limits of boundary and session when there are any."""

    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None

    @property
    def ask_for_tags(self) -> bool:
        """Whether any of them speaks of tags that the resource has."""
        layers = (self.identity, self.boundary or (), self.session or ())
        return any(policy.asks_for_tags for layer in layers for policy in layer)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: the grants that allow, or why not (worded as in AWS's messages)."""

    allowed: bool
    grants: tuple[Grant, ...]
    why: str = ""


def evaluate(policies: Policies, need: Need, context: Context) -> Verdict:
    """An explicit deny wins; then identity, boundary and session must each allow."""
    layers = (
        ("an identity-based policy", "no identity-based policy", policies.identity),
        ("a permissions boundary", "no permissions boundary", policies.boundary),
        ("a session policy", "no session policy", policies.session),
    )
    present = [
        (one, none, list(grants(held, need, context))) for one, none, held in layers if held is not None
    ]
    for one, _, found in present:
        denied = tuple(grant for allows, grant in found if not allows)
        if denied:
            return Verdict(allowed=False, grants=denied, why=f"with an explicit deny in {one}")
    for _, none, found in present:
        if not found:
            return Verdict(allowed=False, grants=(), why=f"because {none} allows the {need.action} action")
    return Verdict(allowed=True, grants=tuple(grant for _, grant in present[0][2]))


def grants(policies: Iterable[Policy], need: Need, context: Context) -> Iterator[tuple[bool, Grant]]:
    """Every statement that speaks of this need: whether it allows, and what of it matched."""
    for policy in policies:
        for statement in policy.statements:
            grant = matched(policy, statement, need, context)
            if grant is not None:
                yield statement.allows, grant


def matched(policy: Policy, statement: Statement, need: Need, context: Context) -> Grant | None:
    """The part of a statement that fits, or None."""
    action = _chosen(statement.actions, need.action, negated=statement.not_actions, fold=True)
    if action is None:
        return None
    resources = statement.resources
    if policy.has_variables and any("${" in item for item in resources):
        filled = {_filled(item, context): item for item in resources}
    else:
        filled = {item: item for item in resources}
    resource = _chosen(tuple(filled), need.resource, negated=statement.not_resources, fold=False)
    if resource is None or not _met(policy, statement, context):
        return None
    return Grant(policy.name, statement.sid, action, filled.get(resource, resource))


def _chosen(patterns: tuple[str, ...], text: str, *, negated: bool, fold: bool) -> str | None:
    for pattern in patterns:
        if matches(pattern, text, fold=fold):
            return None if negated else pattern
    return f"not {' '.join(patterns)}" if negated else None


def _met(policy: Policy, statement: Statement, context: Context) -> bool:
    return all(
        holds(
            test.operator,
            [_filled(value, context) for value in test.values] if policy.has_variables else test.values,
            context.get(test.key.lower()),
        )
        for test in statement.tests
    )


def _filled(text: str, context: Context) -> str:
    """Policy variables replaced; one without a value makes the text fit nothing."""
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
