"""Compares live resources with what was last applied: manual changes, removed and additional resources; reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from deployer.aws.account import read_existing
from deployer.code_release.manifest import Manifest
from deployer.deploying.deployment import Deployment, last_applied
from deployer.model.digests import digest_of, edited, flatten, stamp_of
from deployer.model.resources import APPLIED, KINDS, Key, Resource, Untagged, key_of, owner_of
from deployer.planning.fields import Field, changed


class State(Enum):
    """How a live resource differs from what was last applied."""

    CHANGED = "changed by hand"
    GONE = "gone"
    EXTRA = "not part of the release"
    UNFINISHED = "left by an unfinished deploy"


@dataclass(frozen=True)
class Finding:
    """One resource that differs from what was applied; fields are applied -> live, empty without a manifest."""

    key: Key
    state: State
    fields: tuple[Field, ...] = ()
    applied: Resource | None = field(default=None, repr=False)
    live: Resource | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Drift:
    """All findings; `release` is the release compared with, None where only stamps were compared."""

    release: str | None
    compared: int
    findings: tuple[Finding, ...]


def find_drift(deployment: Deployment) -> Drift:
    """Reads live resources and compares them with the manifest of the live release, or else with the stamps."""
    account = deployment.account()
    owner = deployment.environment.config.deploy_env
    manifest = last_applied(deployment, account)
    keys = manifest.by_key if manifest else {}
    existing = read_existing(account, keys, deployment.names, owner)
    owned = {key: item for key, item in existing.items() if key in keys or owner_of(item) == owner}
    return compare(manifest, owned)


def compare(manifest: Manifest | None, existing: Mapping[Key, Resource]) -> Drift:
    """Findings in the order of the manifest; resources that it does not know come last."""
    if manifest is None:
        found = (Finding(key, State.CHANGED) for key, item in existing.items() if edited(item))
        return Drift(None, len(existing), tuple(found))
    findings = [
        finding for item in manifest.resources if (finding := _finding(item, existing.get(key_of(item))))
    ]
    return Drift(manifest.release, len(manifest.resources), (*findings, *_extra(manifest, existing)))


def _finding(applied: Resource, live: Resource | None) -> Finding | None:
    key = key_of(applied)
    if live is None:
        return Finding(key, State.GONE)
    fields = _differences(applied, live)
    if not isinstance(live, Untagged) and stamp_of(live) != digest_of(applied) and not edited(live):
        return Finding(key, State.UNFINISHED, fields, applied, live)
    return Finding(key, State.CHANGED, fields, applied, live) if fields else None


def _differences(applied: Resource, live: Resource) -> tuple[Field, ...]:
    return tuple(
        found for found in changed(flatten(applied), flatten(live)) if found.path != f"tags.{APPLIED}"
    )


def _extra(manifest: Manifest, existing: Mapping[Key, Resource]) -> Iterable[Finding]:
    known = manifest.by_key
    for key, item in existing.items():
        if key not in known and not KINDS[type(item)].kept:
            yield Finding(key, State.EXTRA)
