"""What makes wanted resources a release: published versions, the definition that names them, and live aliases; pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from deployer.blueprint import machine
from deployer.environment_file import Environment
from deployer.model.digests import content_digest, digest_of, stamped
from deployer.model.names import Names
from deployer.model.resources import (
    RELEASE,
    Function,
    FunctionAlias,
    FunctionVersion,
    GlueJob,
    MachineAlias,
    MachineVersion,
    Resource,
    key_of,
    ownership,
)

WHOLE = 100


def released(settled: Sequence[Resource], environment: Environment, names: Names) -> list[Resource]:
    """The settled resources with one version of each function, the machines that call these versions, and the aliases.

    Resources with tags are stamped. All traffic goes to the new versions.
    """
    functions = {resource.name: resource for resource in settled if isinstance(resource, Function)}
    (job,) = (resource for resource in settled if isinstance(resource, GlueJob))
    pipelines = machine.machines(environment, names, machine.code_of(functions, job, names))
    versions = [FunctionVersion(name, content_digest(function)) for name, function in functions.items()]
    revisions = [MachineVersion(pipeline.name, content_digest(pipeline)) for pipeline in pipelines]
    content = [*map(stamped, settled), *versions, *map(stamped, pipelines), *revisions]
    return [*content, *aliases(content, ownership(environment.config.deploy_env))]


def aliases(content: Iterable[Resource], tags: Mapping[str, str]) -> list[Resource]:
    """Live aliases of the versions in `content`, tagged with the release that these make up."""
    content = list(content)
    marked = {**tags, RELEASE: release_id(content)}
    found: list[Resource] = []
    for resource in content:
        match resource:
            case FunctionVersion(function, digest):
                found.append(stamped(FunctionAlias(function, digest, tags)))
            case MachineVersion(name, digest):
                found.append(stamped(MachineAlias(name, {digest: WHOLE}, marked)))
            case _:
                pass
    return found


def release_id(content: Iterable[Resource]) -> str:
    """12 hex digits over the content of a release; the same content is the same release."""
    parts = sorted(f"{key_of(resource)} {digest_of(resource)}" for resource in content)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def canary(wanted: Sequence[Resource], existing: Iterable[Resource], percent: int) -> list[Resource]:
    """The wanted resources with `percent` of new executions on the new version, the others on the current one.

    Function aliases do not move. Without a current version all executions go
    to the new one.
    """
    have = {
        resource.name: resource for resource in existing if isinstance(resource, FunctionAlias | MachineAlias)
    }
    return [_shared(resource, have.get(resource.name), percent) for resource in wanted]


def _shared(want: Resource, have: object, percent: int) -> Resource:
    match want, have:
        case FunctionAlias(), FunctionAlias():
            return stamped(FunctionAlias(want.function, have.digest, want.tags))
        case MachineAlias(), MachineAlias():
            (new,) = want.routes
            others = {digest: weight for digest, weight in have.routes.items() if digest != new}
            if not others:
                return want
            old = max(others, key=lambda digest: others[digest])
            return stamped(MachineAlias(want.machine, {new: percent, old: WHOLE - percent}, want.tags))
        case _:
            return want
