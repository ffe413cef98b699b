"""Parses policy documents. What IAM rejects raises `PolicyError`, which names the place and the value."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from local_aws.access.conditions import is_operator
from local_aws.errors import LocalAwsError

VERSIONS = ("2012-10-17", "2008-10-17")
KEYS = frozenset(
    {
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    }
)


class PolicyError(LocalAwsError):
    """IAM would reject the policy document."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a condition block: operator, key, and values, one of which must match."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. With `not_actions` (`not_resources`) it is about all actions (resources) but the listed ones."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Condition, ...] = ()
    not_actions: bool = False
    not_resources: bool = False
    not_principals: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy. `name` appears in decisions; `has_variables` is True since version 2012-10-17.

    `uses_resource_tags` is True when a condition reads `aws:ResourceTag`; tags are looked up only then.
    """

    name: str
    statements: tuple[Statement, ...]
    has_variables: bool = True
    uses_resource_tags: bool = False


@lru_cache(maxsize=4096)
def parse(name: str, text: str) -> Policy:
    """Parse a policy document in JSON. Raises `PolicyError`."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise PolicyError(f"policy {name} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise PolicyError(f"policy {name} must be a JSON object, got {text[:40]!r}")
    version = document.get("Version", "2008-10-17")
    if version not in VERSIONS:
        raise PolicyError(f"policy {name}: Version must be one of {', '.join(VERSIONS)}, got {version!r}")
    statements = tuple(
        _statement(f"policy {name}, statement {number}", item, number)
        for number, item in enumerate(_listed(document.get("Statement", [])))
    )
    return Policy(name, statements, version == VERSIONS[0], "aws:resourcetag/" in text.lower())


def _statement(where: str, item: Any, number: int) -> Statement:
    if not isinstance(item, dict) or item.get("Effect") not in {"Allow", "Deny"}:
        raise PolicyError(f"{where}: Effect must be Allow or Deny")
    if unknown := sorted(item.keys() - KEYS):
        raise PolicyError(f"{where}: unknown element {', '.join(unknown)}")
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
        if one in item and other in item:
            raise PolicyError(f"{where}: {one} and {other} exclude each other")
    if "Action" not in item and "NotAction" not in item:
        raise PolicyError(f"{where}: Action or NotAction is missing")
    return Statement(
        sid=str(item.get("Sid") or f"statement {number}"),
        allows=item["Effect"] == "Allow",
        actions=_texts(item.get("Action", item.get("NotAction"))),
        resources=_texts(item.get("Resource", item.get("NotResource", []))),
        principals=tuple(_principals(item.get("Principal", item.get("NotPrincipal", {})))),
        conditions=tuple(_conditions(where, item.get("Condition") or {})),
        not_actions="NotAction" in item,
        not_resources="NotResource" in item,
        not_principals="NotPrincipal" in item,
    )


def _conditions(where: str, block: Mapping[str, Mapping[str, Any]]) -> Iterator[Condition]:
    for operator, keys in block.items():
        if not is_operator(operator):
            raise PolicyError(f"{where}: condition operator {operator} is unknown")
        for key, values in keys.items():
            yield Condition(operator, key, _texts(values))


def _principals(value: Any) -> Iterator[tuple[str, str]]:
    if value == "*":
        yield "*", "*"
        return
    for kind, names in value.items():
        for name in _texts(names):
            yield kind, name


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _listed(value))


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
