"""Dependencies: a resource is made after what it depends on, and deleted before it; pure."""

import re
from collections.abc import Iterable, Iterator, Mapping

from deployer.model.resources import (
    KINDS,
    Artifact,
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
)
from deployer.planning.plan import Change, Delete

_VERSION = re.compile(r"function:([\w-]+):v-([0-9a-f]+)")
_OBJECT = re.compile(r"s3://[^/\s\",]+/([^\s\",]+)")
_ALIASES = (FunctionAlias, MachineAlias)


def key(kind: type, name: str) -> Key:
    """Identity of a resource by its type and name."""
    return Key(KINDS[kind].name, name)


def role_key(arn: str) -> Key:
    """The role behind an ARN; its path is no part of its name."""
    return key(Role, arn.rpartition("/")[2])


def depends_on(resource: Resource) -> Iterator[Key]:
    """What must exist before this resource can be made or changed; some of it may not be ours."""
    match resource:
        case Function():
            yield key(Artifact, resource.code.key)
            yield role_key(resource.role)
            yield key(LogGroup, f"/aws/lambda/{resource.name}")
        case GlueJob():
            yield role_key(resource.role)
            yield from (key(GlueConnection, name) for name in resource.connections)
            yield from _objects(" ".join([resource.script, *resource.arguments.values()]))
        case StateMachine():
            yield role_key(resource.role)
            yield key(LogGroup, resource.log_group)
            yield from _objects(resource.definition.text)
            for function, digest in _VERSION.findall(resource.definition.text):
                yield key(FunctionVersion, f"{function}:{digest}")
        case FunctionVersion() | FunctionAlias() | MachineVersion() | MachineAlias():
            yield from _of_published(resource)
        case Schedule():
            yield role_key(resource.role)
            yield key(Queue, resource.dead_letters.rpartition(":")[2])
            yield key(MachineAlias, resource.target.partition(":stateMachine:")[2])
        case _:
            return


def _of_published(resource: FunctionVersion | FunctionAlias | MachineVersion | MachineAlias) -> Iterator[Key]:
    match resource:
        case FunctionVersion():
            yield key(Function, resource.function)
        case FunctionAlias():
            yield key(FunctionVersion, f"{resource.function}:{resource.digest}")
        case MachineVersion():
            yield key(StateMachine, resource.machine)
        case MachineAlias():
            for digest in resource.routes:
                yield key(MachineVersion, f"{resource.machine}:{digest}")


def _objects(text: str) -> Iterator[Key]:
    for name in _OBJECT.findall(text):
        yield key(Artifact, name)


def dependencies(changes: Iterable[Change]) -> Mapping[Key, set[Key]]:
    """For each change the changes that must be done before it begins.

    Aliases come after everything else is made, because they make a release live. Schedules, which start runs, come after
    aliases. Deletions come last, dependent resources first.
    """
    makes = {change.key: change.want for change in changes if not isinstance(change, Delete)}
    deletes = {change.key: change.have for change in changes if isinstance(change, Delete)}
    before: dict[Key, set[Key]] = {}
    others = {name for name, want in makes.items() if not isinstance(want, (*_ALIASES, Schedule))}
    for name, want in makes.items():
        before[name] = others if isinstance(want, _ALIASES) else makes.keys() & set(depends_on(want))
    for name in deletes:
        users = {other for other, user in deletes.items() if name in set(depends_on(user))}
        before[name] = makes.keys() | users
    return before
