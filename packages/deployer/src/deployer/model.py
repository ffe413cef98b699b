"""Wanted and existing resources in one shape, so that a difference is `!=`; pure data, no AWS.

Adapters iron out what AWS adds (defaults, order, spelling) when they read into these.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MANAGED_BY = "cars:managed-by"
ENVIRONMENT = "cars:environment"
MANAGER = "cars-deployer"


@dataclass(frozen=True)
class Key:
    """Identity of a resource: its kind and its name in AWS."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, eq=False)
class Document:
    """A JSON text compared by what it says, not by how it is written."""

    text: str

    def value(self) -> object:
        return json.loads(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.value() == other.value()

    def __hash__(self) -> int:
        return hash(json.dumps(self.value(), sort_keys=True))


@dataclass(frozen=True)
class Artifact:
    """An object in the artifact bucket; `digest` is stamped as metadata, `path` is the local file to send."""

    bucket: str
    name: str
    digest: str
    path: Path | None = field(default=None, compare=False)


@dataclass(frozen=True)
class LogGroup:
    """A log group and how long it keeps its events (None: for ever)."""

    name: str
    retention_days: int | None
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Statement:
    """One allow statement: sorted actions on sorted resources, with an optional condition."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Document | None = None


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
    """Where a function's zip is; compared by its digest only."""

    digest: str
    bucket: str = field(default="", compare=False)
    key: str = field(default="", compare=False)


@dataclass(frozen=True)
class Function:
    """A Lambda function. Fields named in `undeclared` keep what AWS has: omission never resets anything."""

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
    undeclared: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True)
class GlueJob:
    """A Glue job; UpdateJob replaces the whole definition, so everything is held here."""

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


@dataclass(frozen=True)
class StateMachine:
    """A standard state machine with its logging and tracing."""

    name: str
    role: str
    definition: Document
    log_group: str
    log_level: str
    log_data: bool
    tracing: bool
    tags: Mapping[str, str]


Resource = Artifact | LogGroup | Role | Function | GlueJob | StateMachine

_KINDS: Mapping[type, str] = {
    Artifact: "artifact",
    LogGroup: "log group",
    Role: "role",
    Function: "function",
    GlueJob: "glue job",
    StateMachine: "state machine",
}


def key_of(resource: Resource) -> Key:
    """Identity of a resource."""
    return Key(_KINDS[type(resource)], resource.name)


def ownership(environment: str) -> dict[str, str]:
    """Tags that mark a resource as ours; `environment` is `deployEnv`."""
    return {MANAGED_BY: MANAGER, ENVIRONMENT: environment}


def owner_of(resource: Resource) -> str | None:
    """`deployEnv` of the environment that owns the resource, or None when it is not ours."""
    tags: Mapping[str, str] = {} if isinstance(resource, Artifact) else resource.tags
    return tags.get(ENVIRONMENT, "") if tags.get(MANAGED_BY) == MANAGER else None
