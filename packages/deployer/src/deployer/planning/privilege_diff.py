"""Privileges of roles, and which of them a change adds or removes; pure.

The division and order of statements do not count, nor does a privilege that a wider one includes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, assert_never

from deployer.model.resources import Resource, Role, Statement
from deployer.planning.plan import Change, Create, Delete, Replace, Update

ALLOW = "Allow"
ATTACHED = "attached policy"
_ANYTHING = "*"
_REST = "all but "


@dataclass(frozen=True, order=True)
class Privilege:
    """One action on one resource under one condition (canonical JSON); `principal` is set where a trust policy grants it.

    A policy attached beside our own is one privilege too: its content is not read. `reason` is that of the statement.
    """

    action: str
    resource: str
    condition: str = ""
    effect: str = ALLOW
    principal: str = ""
    reason: str = field(default="", compare=False)

    def __str__(self) -> str:
        """As people read it: `s3:GetObject on arn:... (when StringLike s3:prefix is a/*)`."""
        if self.action == ATTACHED:
            return f"all that policy {self.resource} grants"
        denied = "" if self.effect == ALLOW else "DENIED: "
        target = f"for {self.principal}" if self.principal else f"on {self.resource}"
        when = f" (when {_condition_words(self.condition)})" if self.condition else ""
        return f"{denied}{self.action} {target}{when}"


@dataclass(frozen=True)
class PrivilegeDiff:
    """Privileges that a change adds and removes, sorted."""

    gained: tuple[Privilege, ...] = ()
    lost: tuple[Privilege, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)


NO_DIFF = PrivilegeDiff()


def privilege_diff(change: Change) -> PrivilegeDiff:
    """Privileges gained and lost by a change; empty unless it is a change of a role."""
    match change:
        case Create(want):
            return between(frozenset(), privileges_of(want))
        case Update(have, want) | Replace(have, want):
            return between(privileges_of(have), privileges_of(want))
        case Delete(have):
            return between(privileges_of(have), frozenset())
        case _ as never:
            assert_never(never)


def between(old: frozenset[Privilege], new: frozenset[Privilege]) -> PrivilegeDiff:
    """Privileges that only one side grants, whatever its wording."""
    return PrivilegeDiff(tuple(_beyond(new, old)), tuple(_beyond(old, new)))


def privileges_of(resource: Resource) -> frozenset[Privilege]:
    """All privileges of a role: of its policy, of its trust policy, and its other policies."""
    if not isinstance(resource, Role):
        return frozenset()
    own = (privilege for item in resource.policy.values() for privilege in _of_statement(item))
    attached = (Privilege(ATTACHED, policy) for policy in resource.other_policies)
    return frozenset((*own, *_of_document(resource.trust.value()), *attached))


def covers(wide: Privilege, narrow: Privilege) -> bool:
    """True when `wide` grants (or denies) all that `narrow` does."""
    if ATTACHED in {wide.action, narrow.action}:
        return wide == narrow
    return (
        (wide.effect, wide.principal) == (narrow.effect, narrow.principal)
        and wide.condition in {"", narrow.condition}
        and _matches(wide.action.lower(), narrow.action.lower())
        and _matches(wide.resource, narrow.resource)
    )


def _beyond(these: frozenset[Privilege], those: frozenset[Privilege]) -> Iterator[Privilege]:
    for privilege in sorted(these - those):
        if not any(covers(other, privilege) for other in those):
            yield privilege


def _matches(pattern: str, text: str) -> bool:
    """Matches IAM wildcards; `text` may contain some too: a question mark does not match an asterisk."""
    if _REST in {pattern[: len(_REST)], text[: len(_REST)]}:
        return pattern in {_ANYTHING, text}
    wild = {"*": ".*", "?": "[^*]"}
    return re.fullmatch("".join(wild.get(sign, re.escape(sign)) for sign in pattern), text) is not None


def _of_statement(item: Statement) -> Iterator[Privilege]:
    if not item.resources:
        # A form the deployer never writes: the adapter keeps its JSON in place of the action.
        yield from _of_json(json.loads(item.actions[0]))
        return
    condition = _canonical(item.condition.value()) if item.condition else ""
    for action, resource in product(item.actions, item.resources):
        yield Privilege(action, resource, condition, reason=item.reason)


def _of_document(document: Any) -> Iterator[Privilege]:
    for item in _listed(document.get("Statement", [])):
        yield from _of_json(item)


def _of_json(item: Mapping[str, Any]) -> Iterator[Privilege]:
    """Privileges of one statement in IAM's JSON; `Not...` elements keep their name in front."""
    actions = (*_listed(item.get("Action", ())), *(f"{_REST}{a}" for a in _joined(item, "NotAction")))
    resources = (*_listed(item.get("Resource", ())), *(f"{_REST}{r}" for r in _joined(item, "NotResource")))
    principals = (
        *_principals(item.get("Principal", {})),
        *(f"{_REST}{principal}" for principal in _principals(item.get("NotPrincipal", {}))),
    )
    condition = _canonical(item["Condition"]) if item.get("Condition") else ""
    effect = str(item.get("Effect", ALLOW))
    for action, resource, principal in product(actions, resources or (_ANYTHING,), principals or ("",)):
        yield Privilege(action, resource, condition, effect, principal)


def _joined(item: Mapping[str, Any], element: str) -> list[str]:
    """A negated element as one text: its entries together exclude from the rest."""
    found = sorted(_listed(item.get(element, ())))
    return [", ".join(found)] if found else []


def _principals(value: Any) -> list[str]:
    named = value if isinstance(value, Mapping) else {"AWS": value}
    return [
        name if kind == "Service" else f"{kind} {name}" for kind in named for name in _listed(named[kind])
    ]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _canonical(condition: Any) -> str:
    """Canonical text of a condition: keys and lists of values sorted."""
    plain = {
        operator: {key: sorted(map(str, _listed(values))) for key, values in tests.items()}
        for operator, tests in condition.items()
    }
    return json.dumps(plain, sort_keys=True)


def _condition_words(condition: str) -> str:
    tests = json.loads(condition)
    return " and ".join(
        f"{operator} {key} is {' or '.join(values)}"
        for operator, keys in tests.items()
        for key, values in keys.items()
    )
