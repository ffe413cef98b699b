"""Checks of a policy with public data and linters; every finding is a line of text.

A finding never names an account or environment, so that one exception serves all policies that have it.
"""

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from cloudsplaining.scan.policy_document import PolicyDocument
from policy_sentry.shared.iam_data import get_service_prefix_data

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its way to find its own data
    import parliament  # type: ignore[import-untyped]

Policy = Mapping[str, Any]
_PLACES = re.compile(r"\$\{[^}]+\}")


def wildcards(policy: Policy) -> Iterator[str]:
    """Actions that are patterns, and `*` where AWS knows a resource."""
    for statement in policy["Statement"]:
        for action in statement["Action"]:
            if "*" in action:
                yield f"{statement['Sid']}: {action} is a pattern"
            elif statement["Resource"] == ["*"] and (kinds := _kinds(action)):
                yield f"{statement['Sid']}: {action} on * could name {' or '.join(sorted(kinds))}"


def idle(policy: Policy) -> Iterator[str]:
    """Actions for which no resource of the statement is valid, and resources that are valid for none of its actions."""
    for statement in policy["Statement"]:
        known = {
            (action, resource)
            for action in statement["Action"]
            for resource in statement["Resource"]
            if resource == "*" or any(_fits(resource, form) for form in _kinds(action).values())
        }
        for action in set(statement["Action"]) - {action for action, _ in known}:
            yield f"{statement['Sid']}: {action} knows none of the resources"
        for resource in set(statement["Resource"]) - {resource for _, resource in known}:
            yield f"{statement['Sid']}: no action knows a {_shape(resource)}"


def linted(policy: Policy) -> Iterator[str]:
    """Findings of parliament."""
    for finding in parliament.analyze_policy_string(
        json.dumps(policy), include_community_auditors=True
    ).findings:
        yield f"{finding.issue} {_told(finding.detail)}".rstrip()


def _told(detail: Any) -> str:
    """What a finding is about: actions where it names some."""
    if isinstance(detail, list):
        return " ".join(sorted({item["action"] if isinstance(item, dict) else str(item) for item in detail}))
    return str(detail.get("actions", detail)) if isinstance(detail, dict) else str(detail)


def risks(policy: Policy) -> Iterator[str]:
    """Findings of cloudsplaining, by risk."""
    document = PolicyDocument(dict(policy))
    for path in document.allows_privilege_escalation:
        yield f"privilege escalation {path['type']}"
    named = {
        "data exfiltration": document.allows_data_exfiltration_actions,
        "credentials exposure": document.credentials_exposure,
        "resource exposure": document.permissions_management_without_constraints,
        "service wildcard": document.service_wildcard,
        "infrastructure modification": document.infrastructure_modification,
    }
    for risk, actions in named.items():
        yield from (f"{risk} {action}" for action in sorted(actions))


@cache
def _kinds(action: str) -> Mapping[str, str]:
    """The resource types that an action knows, with the form of their ARNs. Raises KeyError for no action of AWS."""
    service, _, name = action.partition(":")
    data = get_service_prefix_data(service)
    found = data["privileges"][name]["resource_types"]
    return {kind: data["resources"][kind.rstrip("*")]["arn"] for kind in found if kind}


def _fits(resource: str, form: str) -> bool:
    """Whether the two can mean the same ARN; in a form of policy_sentry each `${Place}` stands for anything."""
    if form.endswith(":::${BucketName}") and "/" in resource:
        return False
    return _overlap(resource, _PLACES.sub("*", form))


@cache
def _overlap(one: str, other: str) -> bool:
    """Whether a text exists that both patterns match; `*` is any text, also none."""
    if "*" in {one[:1], other[:1]}:
        wide, narrow = (one, other) if one.startswith("*") else (other, one)
        return _overlap(wide[1:], narrow) or (bool(narrow) and _overlap(wide, narrow[1:]))
    if not one or not other:
        return one == other
    return one[0] == other[0] and _overlap(one[1:], other[1:])


def _shape(arn: str) -> str:
    _, _, service, _, _, resource = arn.split(":", 5)
    if service == "s3":
        return f"{service} {'object' if '/' in resource else 'bucket'}"
    return f"{service} {re.split('[/:]', resource)[0]}"
