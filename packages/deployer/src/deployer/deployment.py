"""The whole trip in short functions: environment -> names -> wanted -> existing -> plan (-> apply)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from deployer.apply import Progress, apply
from deployer.aws.account import Account, open_account, read_existing
from deployer.aws.artifacts import bucket_is_missing
from deployer.aws.clients import Clients, checked_names, make_clients
from deployer.blueprint import Blueprint, blueprint
from deployer.blueprint.specs import PACKAGES
from deployer.builds import load_builds
from deployer.config import Environment
from deployer.model import Artifact, Key, Resource, Role, key_of, owner_of
from deployer.names import Names
from deployer.plan import Change, Create, Plan, diff


@dataclass(frozen=True)
class Deployment:
    """One environment with its clients and the names in its account."""

    environment: Environment
    clients: Clients
    names: Names


@dataclass(frozen=True)
class Prepared:
    """A plan with the adapters that can carry it out."""

    deployment: Deployment
    account: Account
    plan: Plan

    def apply(self, progress: Progress = lambda _: None) -> tuple[Change, ...]:
        """Carries out the plan. Raises ApplyError."""
        return apply(self.plan, self.account, progress)


def open_deployment(environment: Environment) -> Deployment:
    """Clients and names; raises AccountError when the credentials belong elsewhere."""
    clients = make_clients(environment)
    return Deployment(environment, clients, checked_names(environment, clients))


def prepare(deployment: Deployment, build_dir: Path) -> Prepared:
    """Reads builds and AWS and works out the plan; changes nothing."""
    environment, names = deployment.environment, deployment.names
    config = environment.config
    builds = load_builds(build_dir, environment.runtime, config.glue.glue_version, PACKAGES)
    wanted = blueprint(environment, names, builds)
    managed_roles = {names.role_arn(f"{r.path}{r.name}"[1:]) for r in wanted.resources if isinstance(r, Role)}
    account = open_account(deployment.clients, names, config.artifacts.bucket, managed_roles)
    existing = read_existing(account, wanted.resources, names, config.deploy_env)
    resources, shared = leave_shared(wanted, existing)
    for key in shared:
        existing.pop(key)
    plan = diff(resources, existing)
    notes = (
        *environment.notes,
        *wanted.notes,
        *map(_left_alone, shared),
        *_no_bucket(plan, deployment.clients, config.artifacts.bucket),
        *plan.notes,
    )
    return Prepared(deployment, account, replace(plan, notes=notes))


def leave_shared(wanted: Blueprint, existing: dict[Key, Resource]) -> tuple[list[Resource], list[Key]]:
    """Wanted resources without the configured roles that exist already and are not ours."""
    shared = [key for key in existing if key.name in wanted.shared and owner_of(existing[key]) is None]
    return [resource for resource in wanted.resources if key_of(resource) not in shared], shared


def _no_bucket(plan: Plan, clients: Clients, bucket: str) -> Iterable[str]:
    sends = any(isinstance(change, Create) and isinstance(change.want, Artifact) for change in plan.changes)
    if sends and bucket_is_missing(clients, bucket):
        yield f"warning: bucket {bucket} does not exist and is not ours to make; create it before deploying"


def _left_alone(key: Key) -> str:
    return f"{key} exists without our tag and is used as it is"
