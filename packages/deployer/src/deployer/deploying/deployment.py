"""One environment in its account, and a plan prepared for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deployer.aws.account import Account, open_account
from deployer.aws.clients import Clients, checked_names, make_clients
from deployer.blueprint.specs import SPECS
from deployer.code_release.manifest import Manifest, Package
from deployer.code_release.store import Manifests
from deployer.environment_file import Environment
from deployer.guard.last_deploy import Last, last_seen
from deployer.guard.lock_location import LockLocation, lock_location
from deployer.guard.lock_object import GuardObject
from deployer.model.names import Names
from deployer.model.resources import LIVE, RELEASE, Key, MachineAlias, Resource, tags_of
from deployer.planning.plan import Plan


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
        """The journal; read before everything else of a plan, so that every later deploy is noticed."""
        paths, account = self.environment.deployment_paths, self.names.place.account
        return last_seen(GuardObject(self.clients.s3, paths.bucket, paths.journal, account))

    def account(self) -> Account:
        """Adapters for everything this environment has."""
        functions = tuple(self.names.function(spec.suffix) for spec in SPECS)
        return open_account(self.clients, self.names, self.environment.config.artifacts.bucket, functions)


@dataclass(frozen=True)
class Prepared:
    """A plan with everything needed to apply it; `live` is the manifest of the current release.

    `canary` is the requested share of new executions for the new release, in per cent.
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
    """Clients and names. Raises AccountError when the credentials belong to another account.

    For `planning` all clients are made at once, otherwise each on first use.
    """
    clients = make_clients(environment)
    if planning:
        clients.make_all()
    return Deployment(environment, clients, checked_names(environment, clients))


def live_manifest(deployment: Deployment, existing: Mapping[Key, Resource]) -> Manifest | None:
    """The manifest of the current release; None before the first deploy, or when it was removed."""
    release = live_release(existing.values())
    return deployment.manifests.get(release) if release else None


def last_applied(deployment: Deployment, account: Account) -> Manifest | None:
    """The manifest of the current release; without a live alias that of the release that went live last."""
    release = release_in_force(deployment, account)
    if release:
        return deployment.manifests.get(release)
    return next(iter(deployment.manifests.all()), None)


def release_in_force(deployment: Deployment, account: Account) -> str | None:
    """Reads the release from the tags of the state machine's live alias."""
    alias = account.adapters[MachineAlias].read(f"{deployment.names.edv_pipeline}:{LIVE}")
    return live_release([alias]) if alias else None


def live_release(resources: Iterable[Resource]) -> str | None:
    """The release in the tags of the state machine's live alias."""
    marks = (tags_of(item).get(RELEASE) for item in resources if isinstance(item, MachineAlias))
    return next((mark for mark in marks if mark), None)
