"""The whole trip in short functions: environment -> names -> wanted -> existing -> plan (-> apply)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deployer.aws.account import Account, open_account, read_existing
from deployer.aws.clients import Clients, checked_names, make_clients
from deployer.blueprint import Blueprint, blueprint
from deployer.blueprint.release import canary, released
from deployer.blueprint.specs import PACKAGES, SPECS
from deployer.build_output.reading import load_builds
from deployer.code_release.manifest import Manifest, Package, packages_of
from deployer.code_release.store import Manifests
from deployer.environment_file import Environment
from deployer.guard.last_deploy import Last, last_seen
from deployer.guard.lock_location import LockLocation, lock_location
from deployer.guard.lock_object import GuardObject
from deployer.model.names import Names
from deployer.model.resources import LIVE, RELEASE, Key, MachineAlias, Resource, key_of, owner_of, tags_of
from deployer.planning.plan import Plan, diff, settle
from deployer.preflight.checks import preflight


@dataclass(frozen=True)
class Deployment:
    """One environment with its clients and the names in its account."""

    environment: Environment
    clients: Clients
    names: Names

    @property
    def manifests(self) -> Manifests:
        return Manifests(self.clients.s3, self.environment.deployment_paths)

    def lock_location(self) -> LockLocation:
        """Lock and journal, over an S3 client of their own."""
        return lock_location(self.environment, self.names.place.account)

    def last_deploy(self) -> Last:
        """What the journal says; read before anything else of a plan, so that no deploy goes unnoticed after it."""
        paths, account = self.environment.deployment_paths, self.names.place.account
        return last_seen(GuardObject(self.clients.s3, paths.bucket, paths.journal, account))

    def account(self) -> Account:
        """Adapters for everything this environment has."""
        functions = tuple(self.names.function(spec.suffix) for spec in SPECS)
        return open_account(self.clients, self.names, self.environment.config.artifacts.bucket, functions)


@dataclass(frozen=True)
class Prepared:
    """A plan with all that it takes to carry it out; `live` is the release in force, as it was applied.

    `canary` is the share of new executions, in per cent, that the plan was asked to give to its release.
    """

    deployment: Deployment
    account: Account
    plan: Plan
    existing: Mapping[Key, Resource]
    packages: tuple[Package, ...] = ()
    live: Manifest | None = field(default=None, repr=False)
    last: Last = field(default_factory=Last)
    canary: int | None = None

    @property
    def release(self) -> str | None:
        """The release that the plan makes live."""
        return live_release(self.plan.wanted)


def open_deployment(environment: Environment, *, planning: bool = False) -> Deployment:
    """Clients and names; raises AccountError when the credentials belong elsewhere.

    For `planning` the clients are made at once, otherwise each when it is needed.
    """
    clients = make_clients(environment)
    if planning:
        clients.make_all()
    return Deployment(environment, clients, checked_names(environment, clients))


def prepare(deployment: Deployment, build_dir: Path, percent: int | None = None) -> Prepared:
    """Reads builds and AWS and works out the plan; changes nothing. `percent` is the share of a canary."""
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


def live_manifest(deployment: Deployment, existing: Mapping[Key, Resource]) -> Manifest | None:
    """The manifest of the release in force; None before the first deploy, or when it was removed."""
    release = live_release(existing.values())
    return deployment.manifests.get(release) if release else None


def last_applied(deployment: Deployment, account: Account) -> Manifest | None:
    """The manifest of the release in force; without a live alias the one that went live last."""
    release = release_in_force(deployment, account)
    if release:
        return deployment.manifests.get(release)
    return next(iter(deployment.manifests.all()), None)


def release_in_force(deployment: Deployment, account: Account) -> str | None:
    """The release that the live alias of the state machine is marked with, read now."""
    alias = account.adapters[MachineAlias].read(f"{deployment.names.edv_pipeline}:{LIVE}")
    return live_release([alias]) if alias else None


def live_release(resources: Iterable[Resource]) -> str | None:
    """The release that the live alias of the state machine is marked with."""
    marks = (tags_of(item).get(RELEASE) for item in resources if isinstance(item, MachineAlias))
    return next((mark for mark in marks if mark), None)


def leave_shared(
    wanted: Blueprint, existing: Mapping[Key, Resource], owner: str
) -> tuple[list[Resource], list[Key]]:
    """Wanted resources without those that may be others' and exist already without being `owner`'s."""
    shared = [key for key in existing if key.name in wanted.shared and owner_of(existing[key]) != owner]
    return [resource for resource in wanted.resources if key_of(resource) not in shared], shared


def _without(existing: Mapping[Key, Resource], keys: Sequence[Key]) -> dict[Key, Resource]:
    return {key: resource for key, resource in existing.items() if key not in keys}


def _left_alone(resource: Resource) -> str:
    owner = owner_of(resource)
    whose = f"belongs to environment {owner}" if owner else "exists without our tag"
    return f"{key_of(resource)} {whose} and is used as it is"
