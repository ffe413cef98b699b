"""Rules of the tables: each turns a call into the permissions that it requires."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from local_aws.access.calls import Call
from local_aws.access.evaluation import ANY_RESOURCE, Context, Permission

Rule = Callable[[Call], Iterator[Permission]]
Table = Mapping[str, Rule]
Resource = Callable[[Call], str]
Resources = Callable[[Call], Iterable[str]]
Contexts = Callable[[Call], Context]


def requires(action: str, *resources: Resource, context: Contexts | None = None) -> Rule:
    """One action on each of the resources; on `*` without resources."""

    def rule(call: Call) -> Iterator[Permission]:
        extra = context(call) if context else {}
        for resource in resources or (any_resource,):
            yield Permission(action, resource(call), extra)

    return rule


def requires_each(action: str, resources: Resources) -> Rule:
    """One action on each resource that the call names."""

    def rule(call: Call) -> Iterator[Permission]:
        for resource in resources(call):
            yield Permission(action, resource)

    return rule


def all_of(*rules: Rule) -> Rule:
    """The permissions of all rules."""

    def rule(call: Call) -> Iterator[Permission]:
        for part in rules:
            yield from part(call)

    return rule


def if_present(parameter: str, then: Rule) -> Rule:
    """The rule, for calls in which the parameter is not empty."""

    def rule(call: Call) -> Iterator[Permission]:
        if call.params.get(parameter):
            yield from then(call)

    return rule


def same_name(
    prefix: str, operations: str, *resources: Resource, context: Contexts | None = None
) -> dict[str, Rule]:
    """Operations whose action has the same name, all on the same resources."""
    return {name: requires(f"{prefix}:{name}", *resources, context=context) for name in operations.split()}


def no_permission(_: Call) -> Iterator[Permission]:
    """No permission: every principal may call the operation."""
    yield from ()


def any_resource(_: Call) -> str:
    """`*`: the action has no resource types."""
    return ANY_RESOURCE


def parameter(name: str) -> Resource:
    """The ARN in a parameter of the call."""
    return lambda call: call.text(name) or ANY_RESOURCE


def tag_context(tags: Any) -> Context:
    """The condition keys aws:RequestTag and aws:TagKeys, from tags in the form of any service."""
    found = dict(pairs(tags))
    if not found:
        return {}
    keys = {f"aws:requesttag/{key.lower()}": (value,) for key, value in found.items()}
    return {**keys, "aws:tagkeys": tuple(found)}


def pairs(tags: Any) -> Iterator[tuple[str, str]]:
    """Keys and values of tags in the form of any service."""
    if isinstance(tags, Mapping):
        yield from ((str(key), str(value)) for key, value in tags.items())
        return
    for item in tags or ():
        if isinstance(item, Mapping):
            lower = {str(key).lower(): value for key, value in item.items()}
            key = lower.get("key", lower.get("tagkey"))
            yield str(key), str(lower.get("value", lower.get("tagvalue", "")))


def passes_role(role: str, service: str, *, role_of: Callable[[Call], Any] | None = None) -> Rule:
    """iam:PassRole for the role that a call passes to a service: a parameter, or what `role_of` finds."""

    def rule(call: Call) -> Iterator[Permission]:
        arn = role_of(call) if role_of else call.params.get(role)
        if isinstance(arn, str) and arn:
            full = arn if arn.startswith("arn:") else f"arn:{call.partition}:iam::{call.account}:role/{arn}"
            yield Permission("iam:PassRole", full, {"iam:passedtoservice": (service,)})

    return rule
