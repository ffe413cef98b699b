"""All adapters of one environment, and what exists there, read concurrently."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from deployer.aws.adapter import Adapter
from deployer.aws.artifacts import Artifacts
from deployer.aws.catalog_databases import CatalogDatabases
from deployer.aws.clients import READERS, Clients
from deployer.aws.function_versions import FunctionAliases, FunctionVersions, function_numbers
from deployer.aws.functions import Functions
from deployer.aws.glue_connections import GlueConnections
from deployer.aws.glue_jobs import GlueJobs
from deployer.aws.log_groups import LogGroups
from deployer.aws.machine_versions import MachineAliases, MachineVersions, machine_numbers
from deployer.aws.queues import Queues
from deployer.aws.roles import Roles
from deployer.aws.schedules import Schedules
from deployer.aws.state_machines import StateMachines
from deployer.aws.version_digests import VersionNumbers
from deployer.errors import DeployerError
from deployer.model.names import Names
from deployer.model.resources import (
    KINDS,
    Artifact,
    CatalogDatabase,
    Function,
    FunctionAlias,
    FunctionVersion,
    GlueConnection,
    GlueJob,
    Key,
    LogGroup,
    MachineAlias,
    MachineVersion,
    Queue,
    Resource,
    Role,
    Schedule,
    StateMachine,
    key_of,
    owner_of,
)


@dataclass(frozen=True)
class Account:
    """One adapter per kind of resource, and the numbers of what is published."""

    adapters: Mapping[type, Adapter[Any]]
    function_numbers: VersionNumbers
    machine_numbers: VersionNumbers
    functions: tuple[str, ...]
    machines: tuple[str, ...]

    def lookups(self) -> Iterator[Callable[[], object]]:
        """Reads that several adapters wait for."""
        yield from (partial(self.function_numbers.of, name) for name in self.functions)
        yield from (partial(self.machine_numbers.of, name) for name in self.machines)


def open_account(clients: Clients, names: Names, artifact_bucket: str, functions: tuple[str, ...]) -> Account:
    """Adapters on one set of clients; clients are made here, in one thread.

    `functions` are the names of the functions whose versions are read.
    """
    published, revised = function_numbers(clients), machine_numbers(clients, names)
    return Account(
        adapters={
            Artifact: Artifacts(clients, artifact_bucket),
            LogGroup: LogGroups(clients, names),
            Role: Roles(clients),
            Function: Functions(clients, names),
            FunctionVersion: FunctionVersions(clients, published, functions),
            FunctionAlias: FunctionAliases(clients, published),
            GlueJob: GlueJobs(clients, names),
            StateMachine: StateMachines(clients, names, published),
            MachineVersion: MachineVersions(clients, names, revised, names.machines),
            MachineAlias: MachineAliases(clients, names, revised),
            GlueConnection: GlueConnections(clients, names),
            CatalogDatabase: CatalogDatabases(clients, names),
            Queue: Queues(clients),
            Schedule: Schedules(clients, names),
        },
        function_numbers=published,
        machine_numbers=revised,
        functions=functions,
        machines=names.machines,
    )


def read_existing(
    account: Account, wanted: Iterable[Key], names: Names, owner: str, shared: Collection[str] = ()
) -> dict[Key, Resource]:
    """What exists under the wanted keys, and what `owner` (a deployEnv) owns beside them, with all its versions.

    Raises DeployerError when a wanted name belongs to another environment, but for those that are `shared`.
    """
    existing: dict[Key, Resource] = {}
    with ThreadPoolExecutor(READERS) as pool:
        for resource, is_wanted in _read(pool, account, frozenset(wanted), f"{names.prefix}-"):
            found = owner_of(resource)
            if is_wanted and found not in {None, owner} and resource.name not in shared:
                raise DeployerError(
                    f"{key_of(resource)} belongs to environment {found}, not to {owner}; "
                    f"nothing was changed; use another name in the config, or remove its cars: tags to hand it over"
                )
            if is_wanted or found == owner or KINDS[type(resource)].kept:
                existing[key_of(resource)] = resource
    return existing


def _candidates(adapter: Adapter[Any], prefix: str) -> set[str]:
    return set(adapter.candidates(prefix))


def _read(
    pool: ThreadPoolExecutor, account: Account, wanted: frozenset[Key], prefix: str
) -> Iterator[tuple[Resource, bool]]:
    by_kind = {KINDS[kind].name: adapter for kind, adapter in account.adapters.items()}
    for lookup in account.lookups():
        pool.submit(lookup)
    listings = {kind: pool.submit(_candidates, adapter, prefix) for kind, adapter in by_kind.items()}
    reads = [(pool.submit(by_kind[key.kind].read, key.name), True) for key in sorted(wanted, key=str)]
    for kind, listing in listings.items():
        extra = (key for name in sorted(listing.result()) if (key := Key(kind, name)) not in wanted)
        reads += [(pool.submit(by_kind[kind].read, key.name), False) for key in extra]
    for future, is_wanted in reads:
        resource = future.result()
        if resource is not None:
            yield resource, is_wanted
