"""What every rendering shows of a prepared plan: built once, secrets hidden; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from deployer.code_release.manifest import Package
from deployer.deploying.deployment import Prepared, live_release
from deployer.model.digests import digest_of, flatten, stamp_of
from deployer.model.resources import KINDS, Key, Resource, key_of
from deployer.planning.fields import Field
from deployer.planning.plan import Cause, Change, Create, Delete, Replace, Update
from deployer.planning.privilege_diff import NO_DIFF, PrivilegeDiff, privilege_diff
from deployer.views.code import PackageChange, package_changes
from deployer.views.derived_fields import follows_code
from deployer.views.states import StateChange, by_state
from deployer.views.values import safe


class Action(Enum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True)
class FieldChange:
    """A field with secrets hidden, and who changed it."""

    field: Field
    cause: Cause


@dataclass(frozen=True)
class ChangeDescription:
    """One change; its fields come in three parts: by `states`, those `derived` from the code, and its `own`."""

    action: Action
    key: Key
    cause: Cause
    fields: tuple[FieldChange, ...] = ()
    forced_by: tuple[str, ...] = ()
    accepted: tuple[Field, ...] = ()
    privileges: PrivilegeDiff = NO_DIFF
    package: PackageChange | None = None
    states: tuple[StateChange, ...] = ()
    derived: tuple[str, ...] = ()
    own: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class Seen:
    """A resource by its digest; `stamp` is the digest of what was last applied to it."""

    key: Key
    digest: str
    stamp: str | None = None


@dataclass(frozen=True)
class Description:
    """A plan: its place and release, its changes, and the existing resources that it was made for."""

    environment: str
    deploy_env: str
    prefix: str
    account: str
    region: str
    release: str | None
    from_release: str | None
    canary: int | None
    changes: tuple[ChangeDescription, ...]
    notes: tuple[str, ...]
    packages: tuple[Package, ...]
    world: tuple[Seen, ...]
    wanted: tuple[Seen, ...]

    def count(self, action: Action) -> int:
        return sum(change.action is action for change in self.changes)

    @property
    def losses(self) -> tuple[ChangeDescription, ...]:
        """Changes that delete an existing resource, for good or to make it again."""
        return tuple(c for c in self.changes if c.action in {Action.DELETE, Action.REPLACE})

    @property
    def permissions(self) -> tuple[ChangeDescription, ...]:
        """Changes that add or remove privileges."""
        return tuple(change for change in self.changes if change.privileges)

    @property
    def changed_manually(self) -> tuple[ChangeDescription, ...]:
        """Changes of resources that were changed or removed by hand."""
        return tuple(change for change in self.changes if change.cause in {Cause.HAND, Cause.BOTH})


def describe(prepared: Prepared) -> Description:
    """Everything that a rendering shows of a plan; the same for the same plan, on every machine."""
    deployment, plan = prepared.deployment, prepared.plan
    names = deployment.names
    live = prepared.live
    known = live.packages if live else None
    packages = package_changes(prepared.packages, known, names, prepared.existing)
    return Description(
        environment=deployment.environment.name,
        deploy_env=deployment.environment.config.deploy_env,
        prefix=names.prefix,
        account=names.place.account,
        region=names.place.region,
        release=prepared.release,
        from_release=live_release(prepared.existing.values()),
        canary=prepared.canary,
        changes=tuple(_described(change, prepared, packages.get(change.key)) for change in plan.changes),
        notes=plan.notes,
        packages=prepared.packages,
        world=tuple(sorted(_world(prepared), key=lambda seen: str(seen.key))),
        wanted=tuple(Seen(key_of(item), digest_of(item)) for item in plan.wanted),
    )


def action_of(change: Change) -> Action:
    match change:
        case Create():
            return Action.CREATE
        case Update():
            return Action.UPDATE
        case Replace():
            return Action.REPLACE
        case Delete():
            return Action.DELETE
        case _ as never:
            assert_never(never)


def _described(change: Change, prepared: Prepared, package: PackageChange | None) -> ChangeDescription:
    action = action_of(change)
    match change:
        case Create(want):
            cause = _cause_of_absence(change.key, prepared)
            fields = tuple(FieldChange(safe(field), cause) for field in _all_fields(want))
            return ChangeDescription(
                action,
                change.key,
                cause,
                fields,
                privileges=privilege_diff(change),
                package=package,
                own=fields,
            )
        case Delete():
            return ChangeDescription(
                action, change.key, Cause.CONFIGURATION, privileges=privilege_diff(change)
            )
        case Update(have, want) | Replace(have, want):
            causes = {field.path: change.cause_of(field) for field in change.fields}
            fields = tuple(FieldChange(safe(field), causes[field.path]) for field in change.fields)
            derived, own = _split(fields)
            states, rest = by_state(have, want, tuple(item.field for item in own))
            return ChangeDescription(
                action=action,
                key=change.key,
                cause=change.cause,
                fields=fields,
                forced_by=tuple(f.path for f in change.forced_by) if isinstance(change, Replace) else (),
                accepted=tuple(map(safe, change.accepted)),
                privileges=privilege_diff(change),
                package=package,
                states=states,
                derived=tuple(item.field.path for item in derived),
                own=tuple(FieldChange(field, causes[field.path]) for field in rest),
            )
        case _ as never:
            assert_never(never)


def _split(fields: tuple[FieldChange, ...]) -> tuple[list[FieldChange], list[FieldChange]]:
    """Fields that follow from the code of the release, and the others."""
    derived = [item for item in fields if item.cause is Cause.CONFIGURATION and follows_code(item.field)]
    return derived, [item for item in fields if item not in derived]


def _cause_of_absence(key: Key, prepared: Prepared) -> Cause:
    """A resource of the live release that does not exist was removed by hand."""
    was_applied = prepared.live is not None and key in prepared.live.by_key
    return Cause.HAND if was_applied and key not in prepared.existing else Cause.CONFIGURATION


def _all_fields(want: Resource) -> Iterator[Field]:
    for path, value in flatten(want).items():
        if value not in ((), "", None):
            yield Field(path, None, value)


def _world(prepared: Prepared) -> Iterator[Seen]:
    """The existing resources that the plan depends on: all but old versions."""
    wanted = {key_of(item) for item in prepared.plan.wanted}
    for key, item in prepared.existing.items():
        if key in wanted or not KINDS[type(item)].kept:
            yield Seen(key, digest_of(item), stamp_of(item))
