"""The plan document for programs, also the saved plan: its shape is `schemas/plan.schema.json`."""

import json
from collections.abc import Iterable
from typing import Any

from deployer.code_release.manifest import Package
from deployer.planning.fields import Field
from deployer.planning.plan import Cause
from deployer.planning.privilege_diff import Privilege, PrivilegeDiff
from deployer.views.description import Action, ChangeDescription, Description, FieldChange, ResourceDigest
from deployer.views.package_changes import PackageChange

FORMAT = 1


def document(description: Description) -> dict[str, Any]:
    """All of a plan as JSON; equal plans give equal documents."""
    return {
        "format": FORMAT,
        "environment": description.environment,
        "deployEnv": description.deploy_env,
        "account": description.account,
        "region": description.region,
        "release": description.release,
        "fromRelease": description.from_release,
        "canary": description.canary,
        "summary": {action.value: description.count(action) for action in Action},
        "packages": [_build(package) for package in description.packages],
        "changes": [_change(change) for change in description.changes],
        "notes": list(description.notes),
        "world": [{**_seen(seen), "stamp": seen.stamp} for seen in description.world],
        "wanted": [_seen(seen) for seen in description.wanted],
    }


def dumped(found: dict[str, Any]) -> str:
    """The document as text, the same for the same plan."""
    return f"{json.dumps(found, indent=2, ensure_ascii=False)}\n"


def _seen(seen: ResourceDigest) -> dict[str, Any]:
    return {"kind": seen.key.kind, "name": seen.key.name, "digest": seen.digest}


def _build(package: Package) -> dict[str, Any]:
    return {"name": package.name, "version": package.version, "digest": package.digest}


def _change(change: ChangeDescription) -> dict[str, Any]:
    return {
        "action": change.action.value,
        "kind": change.key.kind,
        "name": change.key.name,
        "cause": _cause(change.cause),
        "forcedBy": list(change.forced_by),
        "fields": [_field(item) for item in change.fields],
        "accepted": [_accepted(field) for field in change.accepted],
        "privileges": privileges(change.privileges),
        "package": _package(change.package) if change.package else None,
    }


def _cause(cause: Cause) -> str:
    return cause.name.lower()


def _field(item: FieldChange) -> dict[str, Any]:
    field = item.field
    return {"field": field.path, "old": field.old, "new": field.new, "cause": _cause(item.cause)}


def _accepted(field: Field) -> dict[str, Any]:
    return {"field": field.path, "applied": field.old, "live": field.new}


def privileges(found: PrivilegeDiff) -> dict[str, Any]:
    """Privileges gained and lost."""
    return {"gained": _privileges(found.gained), "lost": _privileges(found.lost)}


def _privileges(found: Iterable[Privilege]) -> list[dict[str, Any]]:
    return [
        {
            "effect": privilege.effect,
            "action": privilege.action,
            "resource": privilege.resource,
            "condition": json.loads(privilege.condition) if privilege.condition else None,
            "principal": privilege.principal or None,
            "text": str(privilege),
            "reason": privilege.reason or None,
        }
        for privilege in found
    ]


def _package(package: PackageChange) -> dict[str, Any]:
    return {
        "name": package.name,
        "old": package.old,
        "new": package.new,
        "filesKnown": package.known,
        "added": list(package.added),
        "removed": list(package.removed),
        "changed": list(package.changed),
        "dependencies": [
            {"name": item.name, "old": item.old, "new": item.new} for item in package.dependencies
        ],
    }
