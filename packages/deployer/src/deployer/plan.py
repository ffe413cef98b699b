"""The difference of wanted and existing resources as Create, Update and Delete; pure, changes nothing."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deployer.errors import PlanRefused
from deployer.model import (
    Artifact,
    Document,
    Function,
    Key,
    Resource,
    key_of,
    owner_of,
)


@dataclass(frozen=True)
class Field:
    """One changed field by dotted path; None is absent."""

    path: str
    old: object
    new: object


@dataclass(frozen=True)
class Create:
    """A resource to make."""

    want: Resource

    @property
    def key(self) -> Key:
        return key_of(self.want)


@dataclass(frozen=True)
class Update:
    """A resource to change in place."""

    have: Resource
    want: Resource

    @property
    def key(self) -> Key:
        return key_of(self.want)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What changes, field by field."""
        old, new = flatten(self.have), flatten(self.want)
        paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
        return tuple(Field(path, old.get(path), new.get(path)) for path in paths)


@dataclass(frozen=True)
class Delete:
    """An owned resource that left the model."""

    have: Resource

    @property
    def key(self) -> Key:
        return key_of(self.have)


Change = Create | Update | Delete


@dataclass(frozen=True)
class Plan:
    """Changes in the order of the model, deletions last, and notes for the person who reads it."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    @property
    def deletes(self) -> tuple[Delete, ...]:
        return tuple(change for change in self.changes if isinstance(change, Delete))


def diff(wanted: Iterable[Resource], existing: Mapping[Key, Resource]) -> Plan:
    """Plan that turns `existing` into `wanted`; `existing` holds wanted keys and owned leftovers only."""
    by_key = {key_of(resource): resource for resource in wanted}
    changes: list[Change] = []
    notes: list[str] = []
    for key, declared in by_key.items():
        have = existing.get(key)
        if have is None:
            changes.append(Create(declared))
            continue
        want, kept = keep_undeclared(declared, have)
        notes.extend(kept)
        if have != want:
            changes.append(Update(have, want))
            notes.extend(_adoption(have, want))
    leftovers = existing.keys() - by_key.keys()
    changes.extend(Delete(existing[key]) for key in sorted(leftovers, key=str))
    return Plan(tuple(changes), tuple(notes))


def keep_undeclared(want: Resource, have: Resource) -> tuple[Resource, list[str]]:
    """Carries over what the config does not declare, with a note for each thing kept."""
    if not isinstance(want, Function) or not isinstance(have, Function):
        return want, []
    kept: dict[str, object] = {}
    notes: list[str] = []
    if "vpc" in want.undeclared and have.vpc != want.vpc:
        kept["vpc"] = have.vpc
        notes.append(
            f"{want.name}: keeps its VPC ({', '.join(have.vpc.subnets)}); the config has no lambdaVpc"
        )
    if "layers" in want.undeclared and have.layers != want.layers:
        kept["layers"] = have.layers
        notes.append(f"{want.name}: keeps layers {', '.join(have.layers)}; the config names no layer")
    extra = have.environment.keys() - want.environment.keys()
    if "environment" in want.undeclared and extra:
        kept["environment"] = {**{name: have.environment[name] for name in extra}, **want.environment}
        notes.append(f"{want.name}: keeps variables {', '.join(sorted(extra))}; the config has no lambdaEnv")
    return dataclasses.replace(want, **kept), notes  # type: ignore[arg-type]


def _adoption(have: Resource, want: Resource) -> Iterable[str]:
    if not isinstance(have, Artifact) and owner_of(have) is None:
        yield f"{key_of(want)} exists without our tag: it will be adopted and brought to this definition"


def refuse_excess_deletes(plan: Plan, max_deletes: int) -> None:
    """Raises PlanRefused when the plan deletes more than allowed."""
    names = [change.key.name for change in plan.deletes]
    if len(names) > max_deletes:
        raise PlanRefused(
            f"plan deletes {len(names)} resource{'s' if len(names) > 1 else ''} but --max-deletes is {max_deletes}: "
            f"{', '.join(names)}; rerun with --max-deletes {len(names)} to accept"
        )


def flatten(value: object, path: str = "") -> dict[str, object]:
    """Leaves of a resource or document by dotted path; fields that do not take part in `!=` are left out."""
    children = _children(value)
    if children is None:
        return {path: value}
    leaves: dict[str, object] = {}
    for name, child in children.items():
        leaves.update(flatten(child, f"{path}.{name}" if path else str(name)))
    return leaves


def _children(value: object) -> Mapping[str, object] | None:
    if isinstance(value, Document):
        return _children(value.value())
    if dataclasses.is_dataclass(value):
        return {
            field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.compare
        }
    if isinstance(value, Mapping):
        return {str(name): child for name, child in value.items()}
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return {str(index): item for index, item in enumerate(value)}
    return None
