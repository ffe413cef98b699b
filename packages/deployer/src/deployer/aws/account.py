"""All adapters of one environment, and what exists there, read concurrently."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from deployer.aws.adapter import Adapter
from deployer.aws.artifacts import Artifacts
from deployer.aws.clients import READERS, Clients
from deployer.aws.functions import Functions
from deployer.aws.glue_jobs import GlueJobs
from deployer.aws.log_groups import LogGroups
from deployer.aws.roles import Roles
from deployer.aws.state_machines import StateMachines
from deployer.errors import DeployerError
from deployer.model import (
    Artifact,
    Function,
    GlueJob,
    Key,
    LogGroup,
    Resource,
    Role,
    StateMachine,
    key_of,
    owner_of,
)
from deployer.names import Names


@dataclass(frozen=True)
class Account:
    """One adapter per kind of resource."""

    artifacts: Adapter[Artifact]
    log_groups: Adapter[LogGroup]
    roles: Adapter[Role]
    functions: Adapter[Function]
    glue_jobs: Adapter[GlueJob]
    state_machines: Adapter[StateMachine]

    def by_type(self) -> Mapping[type, Adapter[Any]]:
        return {
            Artifact: self.artifacts,
            LogGroup: self.log_groups,
            Role: self.roles,
            Function: self.functions,
            GlueJob: self.glue_jobs,
            StateMachine: self.state_machines,
        }


def open_account(
    clients: Clients, names: Names, artifact_bucket: str, managed_roles: Collection[str] = ()
) -> Account:
    """Adapters on one set of clients; clients are made here, in one thread.

    `managed_roles` are ARNs of roles that are ours to make: only these are waited for when they are new.
    """
    return Account(
        Artifacts(clients, artifact_bucket),
        LogGroups(clients, names),
        Roles(clients),
        Functions(clients, names, managed_roles),
        GlueJobs(clients, names, managed_roles),
        StateMachines(clients, names, managed_roles),
    )


def read_existing(
    account: Account, wanted: Iterable[Resource], names: Names, owner: str
) -> dict[Key, Resource]:
    """What exists of the wanted resources, and what `owner` (a deployEnv) owns beside them.

    Raises DeployerError when a wanted name belongs to another environment.
    """
    wanted_names = {
        kind: {resource.name for resource in group}
        for kind, group in groupby(sorted(wanted, key=lambda r: type(r).__name__), key=type)
    }
    existing: dict[Key, Resource] = {}
    with ThreadPoolExecutor(READERS) as pool:
        for resource, is_wanted in _read(pool, account, wanted_names, f"{names.prefix}-"):
            found = owner_of(resource)
            if is_wanted and found not in {None, owner}:
                raise DeployerError(
                    f"{key_of(resource)} belongs to environment {found}, not to {owner}; "
                    f"nothing was changed; use another name in the config, or remove its cars: tags to hand it over"
                )
            if is_wanted or found == owner:
                existing[key_of(resource)] = resource
    return existing


def _candidates(adapter: Adapter[Any], prefix: str) -> set[str]:
    return set(adapter.candidates(prefix))


def _read(
    pool: ThreadPoolExecutor, account: Account, wanted: Mapping[type, set[str]], prefix: str
) -> Iterator[tuple[Resource, bool]]:
    adapters = account.by_type()
    listings = {kind: pool.submit(_candidates, adapter, prefix) for kind, adapter in adapters.items()}
    reads = [
        (pool.submit(adapter.read, name), True)
        for kind, adapter in adapters.items()
        for name in sorted(wanted.get(kind, ()))
    ]
    for kind, listing in listings.items():
        extra = sorted(listing.result() - wanted.get(kind, set()))
        reads += [(pool.submit(adapters[kind].read, name), False) for name in extra]
    for future, is_wanted in reads:
        resource = future.result()
        if resource is not None:
            yield resource, is_wanted
