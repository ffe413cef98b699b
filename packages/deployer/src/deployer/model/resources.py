"""Wanted and existing resources in one shape, so that a difference is `!=`; pure data, no AWS.

Adapters remove what AWS adds (defaults, order, spelling) when they read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MANAGED_BY = "cars:managed-by"
ENVIRONMENT = "cars:environment"
APPLIED = "cars:applied"
RELEASE = "cars:release"
# Lists the tags of the environment file on a resource, so that a tag that leaves the file can be removed.
TAGS = "cars:tags"
MANAGER = "cars-deployer"
LIVE = "live"


@dataclass(frozen=True)
class Key:
    """Identity of a resource: its kind and its name in AWS."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, eq=False)
class Document:
    """A JSON text, compared by value."""

    text: str

    def value(self) -> object:
        return json.loads(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.value() == other.value()

    def __hash__(self) -> int:
        return hash(json.dumps(self.value(), sort_keys=True))


@dataclass(frozen=True)
class Artifact:
    """An object in the artifact bucket; `digest` is in its metadata, `path` is the local file to send."""

    bucket: str
    name: str
    digest: str
    path: Path | None = field(default=None, compare=False)
    kms_key: str = field(default="", compare=False)


@dataclass(frozen=True)
class LogGroup:
    """A log group and its retention (None: for ever)."""

    name: str
    retention_days: int | None
    tags: Mapping[str, str]
    kms_key: str = ""


@dataclass(frozen=True)
class Statement:
    """One allow statement: sorted actions on sorted resources, with an optional condition.

    `reason` is for the reviewer of a plan: what the actions are for, and why no resource is named where none is.
    IAM does not store it, so a statement read from AWS has none.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Document | None = None
    reason: str = field(default="", compare=False)


@dataclass(frozen=True)
class Role:
    """An IAM role with its one inline policy (statements by Sid) and nothing attached."""

    name: str
    path: str
    trust: Document
    policy: Mapping[str, Statement]
    tags: Mapping[str, str]
    other_policies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vpc:
    """Subnets and security groups, sorted; both empty means not attached."""

    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Code:
    """The zip of a function; compared by digest only."""

    digest: str
    bucket: str = field(default="", compare=False)
    key: str = field(default="", compare=False)


@dataclass(frozen=True)
class Function:
    """A Lambda function. Fields named in `undeclared` keep the values in AWS: omission never resets anything."""

    name: str
    role: str
    runtime: str
    architecture: str
    handler: str
    memory_mb: int
    timeout_seconds: int
    tracing: str
    environment: Mapping[str, str]
    vpc: Vpc
    layers: tuple[str, ...]
    code: Code
    tags: Mapping[str, str]
    description: str = ""
    storage_mb: int = 512
    kms_key: str = ""
    undeclared: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class FunctionVersion:
    """A published version of a function; AWS numbers it, `digest` identifies its content."""

    function: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.function}:{self.digest}"


@dataclass(frozen=True)
class FunctionAlias:
    """The name under which callers find the current version of a function."""

    function: str
    digest: str
    tags: Mapping[str, str]
    alias: str = LIVE

    @property
    def name(self) -> str:
        return f"{self.function}:{self.alias}"


@dataclass(frozen=True)
class GlueJob:
    """A Glue job with its whole definition, because UpdateJob replaces it."""

    name: str
    role: str
    command: str
    script: str
    python: str
    glue_version: str
    worker_type: str
    workers: int
    timeout_minutes: int
    max_concurrent_runs: int
    max_retries: int
    connections: tuple[str, ...]
    arguments: Mapping[str, str]
    tags: Mapping[str, str]
    description: str = ""
    execution_class: str = "STANDARD"


@dataclass(frozen=True)
class StateMachine:
    """A standard state machine with its logging and tracing.

    Its definition names a function version as `function:NAME:v-DIGEST`; adapters translate digests and numbers.
    """

    name: str
    role: str
    definition: Document
    log_group: str
    log_level: str
    log_data: bool
    tracing: bool
    tags: Mapping[str, str]
    type: str = "STANDARD"


@dataclass(frozen=True)
class MachineVersion:
    """A published version of a state machine; AWS numbers it, `digest` identifies its content."""

    machine: str
    digest: str

    @property
    def name(self) -> str:
        return f"{self.machine}:{self.digest}"


@dataclass(frozen=True)
class MachineAlias:
    """The name under which executions are started; `routes` are percentages by version digest and sum to 100."""

    machine: str
    routes: Mapping[str, int]
    tags: Mapping[str, str]
    alias: str = LIVE

    @property
    def name(self) -> str:
        return f"{self.machine}:{self.alias}"


@dataclass(frozen=True)
class GlueConnection:
    """A Glue connection into a VPC; `zone` follows from the subnet and is looked up when it is not given."""

    name: str
    type: str
    properties: Mapping[str, str]
    subnet: str
    security_groups: tuple[str, ...]
    tags: Mapping[str, str]
    description: str = ""
    zone: str = field(default="", compare=False)


@dataclass(frozen=True)
class CatalogDatabase:
    """A database of the Data Catalog; the tables in it are not ours."""

    name: str
    description: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Queue:
    """A standard queue, always encrypted: with a key of the account, or with SQS's own."""

    name: str
    retention_seconds: int
    tags: Mapping[str, str]
    kms_key: str = ""


@dataclass(frozen=True)
class Schedule:
    """A schedule in its own group, which has the tags. `starts` and `ends` are instants or empty."""

    name: str
    group: str
    expression: str
    timezone: str
    enabled: bool
    target: str
    role: str
    input: Document
    dead_letters: str
    retries: int
    event_age_seconds: int
    flexible_minutes: int
    description: str
    tags: Mapping[str, str]
    starts: str = ""
    ends: str = ""


Tagged = (
    LogGroup
    | Role
    | Function
    | FunctionAlias
    | GlueJob
    | StateMachine
    | MachineAlias
    | GlueConnection
    | CatalogDatabase
    | Queue
    | Schedule
)
Untagged = Artifact | FunctionVersion | MachineVersion
Resource = Tagged | Untagged


@dataclass(frozen=True)
class Kind:
    """Properties of all resources of one type.

    `fixed` fields cannot be changed in place: the resource is replaced. Resources of a `kept` kind stay when they leave
    the model: running executions and rollbacks use them; they are pruned, a plan never deletes them.
    """

    name: str
    fixed: tuple[str, ...] = ()
    kept: bool = False


KINDS: Mapping[type, Kind] = {
    Artifact: Kind("artifact", kept=True),
    LogGroup: Kind("log group"),
    Role: Kind("role", fixed=("path",)),
    Function: Kind("function"),
    FunctionVersion: Kind("function version", kept=True),
    FunctionAlias: Kind("function alias"),
    GlueJob: Kind("glue job"),
    StateMachine: Kind("state machine", fixed=("type",)),
    MachineVersion: Kind("state machine version", kept=True),
    MachineAlias: Kind("state machine alias"),
    GlueConnection: Kind("glue connection"),
    CatalogDatabase: Kind("database"),
    Queue: Kind("queue"),
    Schedule: Kind("schedule"),
}


def key_of(resource: Resource) -> Key:
    """Identity of a resource."""
    return Key(KINDS[type(resource)].name, resource.name)


def ownership(environment: str) -> dict[str, str]:
    """Tags that mark a resource as ours; `environment` is `deployEnv`."""
    return {MANAGED_BY: MANAGER, ENVIRONMENT: environment}


def tags_of(resource: Resource) -> Mapping[str, str]:
    """The tags of a resource, none for a kind that has none."""
    return {} if isinstance(resource, Untagged) else resource.tags


def owner_of(resource: Resource) -> str | None:
    """`deployEnv` of the environment that owns the resource, or None when it is not ours."""
    tags = tags_of(resource)
    return tags.get(ENVIRONMENT, "") if tags.get(MANAGED_BY) == MANAGER else None


def parent_of(resource: Resource) -> Key | None:
    """The resource whose deletion deletes this one too."""
    match resource:
        case FunctionVersion() | FunctionAlias():
            return Key(KINDS[Function].name, resource.function)
        case MachineVersion() | MachineAlias():
            return Key(KINDS[StateMachine].name, resource.machine)
        case _:
            return None
