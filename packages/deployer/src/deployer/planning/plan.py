"""The difference of wanted and existing resources as Create, Update, Replace and Delete; pure, changes nothing."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from deployer.errors import PlanRefused
from deployer.model.digests import digest_of, edited, flatten, stamp_of
from deployer.model.resources import (
    APPLIED,
    KINDS,
    Artifact,
    Function,
    Key,
    LogGroup,
    Resource,
    Untagged,
    key_of,
    owner_of,
    parent_of,
)
from deployer.planning.fields import Field, changed

_STAMP = f"tags.{APPLIED}"


class Cause(Enum):
    """Why wanted and existing differ: compared with what was last applied, one side or both have changed."""

    CONFIGURATION = "we changed it"
    HAND = "changed by hand"
    BOTH = "changed by hand, and we changed it"
    UNKNOWN = "not deployed by us"


@dataclass(frozen=True)
class Create:
    """A resource to make."""

    want: Resource

    @property
    def key(self) -> Key:
        return key_of(self.want)


@dataclass(frozen=True)
class _Change:
    """From an existing to a wanted resource; `applied` is what was last applied, if a manifest records it."""

    have: Resource
    want: Resource
    applied: Resource | None = None

    @property
    def key(self) -> Key:
        return key_of(self.want)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Changed fields, without the stamp."""
        return _differences(self.have, self.want)

    @property
    def accepted(self) -> tuple[Field, ...]:
        """Manual changes that the configuration accepts: applied -> live."""
        moved = _differences(self.applied, self.have) if self.applied else ()
        wanted = flatten(self.want)
        return tuple(field for field in moved if wanted.get(field.path) == field.new)

    @property
    def cause(self) -> Cause:
        """Who changed it: configuration and build, somebody by hand, or both."""
        stamp = stamp_of(self.have)
        if isinstance(self.have, Untagged):
            return Cause.HAND
        if stamp is None:
            return Cause.UNKNOWN
        ours = stamp != stamp_of(self.want)
        if edited(self.have) and self.fields:
            return Cause.BOTH if ours else Cause.HAND
        return Cause.HAND if edited(self.have) else Cause.CONFIGURATION

    def cause_of(self, field: Field) -> Cause:
        """Who changed one field; without a record of what was applied the cause of the whole resource."""
        if self.applied is None:
            return self.cause
        last = flatten(self.applied).get(field.path)
        if field.old == last:
            return Cause.CONFIGURATION
        return Cause.HAND if field.new == last else Cause.BOTH


class Update(_Change):
    """A resource to change in place."""


class Replace(_Change):
    """A resource to delete and make again: a field differs that AWS cannot change."""

    @property
    def forced_by(self) -> tuple[Field, ...]:
        """The fields that cannot be changed in place."""
        return tuple(field for field in self.fields if field.path in KINDS[type(self.want)].fixed)


@dataclass(frozen=True)
class Delete:
    """An owned resource that left the model."""

    have: Resource

    @property
    def key(self) -> Key:
        return key_of(self.have)


Change = Create | Update | Replace | Delete


@dataclass(frozen=True)
class Plan:
    """Changes in the order of the model, deletions last; `wanted` are all resources after them."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    wanted: tuple[Resource, ...] = ()

    @property
    def deletes(self) -> tuple[Delete, ...]:
        return tuple(change for change in self.changes if isinstance(change, Delete))

    @property
    def destroys(self) -> tuple[Delete | Replace, ...]:
        """Changes that delete an existing resource, for good or to make it again."""
        return tuple(change for change in self.changes if isinstance(change, Delete | Replace))


def diff(
    wanted: Iterable[Resource],
    existing: Mapping[Key, Resource],
    applied: Mapping[Key, Resource] | None = None,
) -> Plan:
    """Plan that turns `existing` into `wanted`; `existing` holds wanted keys and owned leftovers only.

    `applied` is the record of what was last applied; an entry counts when its digest is the stamp of the existing one.
    """
    by_key = {key_of(resource): resource for resource in wanted}
    changes: list[Change] = []
    gone: set[Key] = set()
    for key, want in by_key.items():
        have = None if parent_of(want) in gone else existing.get(key)
        change = compare(have, want, (applied or {}).get(key))
        if isinstance(change, Replace):
            gone.add(key)
        changes.extend([change] if change else [])
    leftovers = sorted(existing.keys() - by_key.keys(), key=str)
    deletes = [Delete(existing[key]) for key in leftovers if not KINDS[type(existing[key])].kept]
    dropped = {delete.key for delete in deletes}
    changes.extend(delete for delete in deletes if parent_of(delete.have) not in dropped)
    return Plan(tuple(changes), tuple(_adoptions(changes)), tuple(by_key.values()))


def compare(have: Resource | None, want: Resource, applied: Resource | None = None) -> Change | None:
    """The change that turns one existing resource into the wanted one; None when there is nothing to do."""
    if have is None:
        return Create(want)
    if have == want:
        return None
    record = applied if applied is not None and digest_of(applied) == stamp_of(have) else None
    replace = Replace(have, want, record)
    return replace if replace.forced_by else Update(have, want, record)


def settle(wanted: Iterable[Resource], existing: Mapping[Key, Resource]) -> tuple[list[Resource], list[str]]:
    """Wanted resources, completed with undeclared settings of existing ones, and a note for each setting kept."""
    settled: list[Resource] = []
    notes: list[str] = []
    for resource in wanted:
        have = existing.get(key_of(resource))
        kept, words = (resource, []) if have is None else keep_undeclared(resource, have)
        settled.append(kept)
        notes.extend(words)
    return settled, notes


def keep_undeclared(want: Resource, have: Resource) -> tuple[Resource, list[str]]:
    """Copies settings that the config does not declare, with a note for each."""
    if isinstance(want, LogGroup) and isinstance(have, LogGroup):
        return (want if want.kms_key else dataclasses.replace(want, kms_key=have.kms_key)), []
    if not isinstance(want, Function) or not isinstance(have, Function):
        return want, []
    kept: dict[str, object] = {} if want.kms_key else {"kms_key": have.kms_key}
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


def refuse_excess_deletes(plan: Plan, max_deletes: int) -> None:
    """Raises PlanRefused when the plan deletes or replaces more than allowed."""
    names = [change.key.name for change in plan.destroys]
    if len(names) > max_deletes:
        what = "deletes or replaces" if len(plan.deletes) < len(names) else "deletes"
        raise PlanRefused(
            f"plan {what} {len(names)} resource{'s' if len(names) > 1 else ''} but --max-deletes is {max_deletes}: "
            f"{', '.join(names)}; rerun with --max-deletes {len(names)} to accept"
        )


def _adoptions(changes: Iterable[Change]) -> Iterable[str]:
    for change in changes:
        if isinstance(change, Update) and not isinstance(change.have, Artifact) and _is_strange(change.have):
            yield f"{change.key} exists without our tag: it will be adopted and brought to this definition"


def _is_strange(have: Resource) -> bool:
    return not isinstance(have, Untagged) and owner_of(have) is None


def _differences(old: Resource, new: Resource) -> tuple[Field, ...]:
    return tuple(field for field in changed(flatten(old), flatten(new)) if field.path != _STAMP)
