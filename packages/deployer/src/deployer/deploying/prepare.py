"""The first half of a deploy: environment -> names -> wanted -> existing -> plan; changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deployer.aws.account import read_existing
from deployer.blueprint import Blueprint, blueprint
from deployer.blueprint.release import canary, released
from deployer.blueprint.specs import PACKAGES
from deployer.build_output.reading import load_builds
from deployer.code_release.manifest import packages_of
from deployer.deploying.deployment import Deployment, Prepared, live_manifest
from deployer.model.resources import Key, Resource, key_of, owner_of
from deployer.planning.plan import diff, settle
from deployer.preflight.checks import preflight


def prepare(deployment: Deployment, build_dir: Path, percent: int | None = None) -> Prepared:
    """Reads builds and AWS and makes the plan; changes nothing. `percent` is the share of a canary."""
    environment, names = deployment.environment, deployment.names
    config = environment.config
    builds = load_builds(build_dir, environment.runtime, config.glue.glue_version, PACKAGES)
    wanted = blueprint(environment, names, builds)
    account = deployment.account()
    keys = [key_of(resource) for resource in released(wanted.resources, environment, names)]
    with preflight(environment, deployment.clients, names) as checks:
        last = deployment.last_deploy()
        existing = read_existing(account, keys, names, config.deploy_env, wanted.shared)
    resources, shared = leave_shared(wanted, existing, config.deploy_env)
    settled, kept = settle(resources, existing)
    release = released(settled, environment, names)
    if percent is not None:
        release = canary(release, existing.values(), percent)
    live = live_manifest(deployment, existing)
    plan = diff(release, _without(existing, shared), live.by_key if live else None)
    notes = (
        *last.notes,
        *environment.notes,
        *checks.warnings,
        *wanted.notes,
        *(_left_alone(existing[key]) for key in shared),
        *kept,
        *plan.notes,
    )
    planned = replace(plan, notes=notes)
    packages = packages_of(builds)
    return Prepared(deployment, account, planned, existing, packages, live, last, percent)


def leave_shared(
    wanted: Blueprint, existing: Mapping[Key, Resource], owner: str
) -> tuple[list[Resource], list[Key]]:
    """Wanted resources without shared ones that exist and do not belong to `owner`, and the keys of those."""
    shared = [key for key in existing if key.name in wanted.shared and owner_of(existing[key]) != owner]
    return [resource for resource in wanted.resources if key_of(resource) not in shared], shared


def _without(existing: Mapping[Key, Resource], keys: Sequence[Key]) -> dict[Key, Resource]:
    return {key: resource for key, resource in existing.items() if key not in keys}


def _left_alone(resource: Resource) -> str:
    owner = owner_of(resource)
    whose = f"belongs to environment {owner}" if owner else "exists without our tag"
    return f"{key_of(resource)} {whose} and is used as it is"
