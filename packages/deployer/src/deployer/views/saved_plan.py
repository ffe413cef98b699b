"""A saved plan, compared with a new plan before it is applied."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Json, TypeAdapter, ValidationError

from deployer.environment_file import Environment
from deployer.errors import PlanRefused
from deployer.model.names import Names
from deployer.model.resources import Key
from deployer.views.description import ChangeDescription, Description
from deployer.views.document import FORMAT

_AGAIN = "plan again, have it reviewed, and deploy that"
_ABSENT = "absent"


@dataclass(frozen=True)
class SavedResource:
    """An existing or wanted resource, by its digest."""

    kind: str
    name: str
    digest: str

    @property
    def key(self) -> Key:
        return Key(self.kind, self.name)


@dataclass(frozen=True)
class SavedPackage:
    """A package of the build that was planned."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True)
class SavedField:
    """A field as it was reviewed."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class SavedChange:
    """A change as it was reviewed, without its cause."""

    action: str
    kind: str
    name: str
    fields: tuple[SavedField, ...]


@dataclass(frozen=True)
class SavedPlan:
    """The parts of a plan document that decide whether it is still valid."""

    environment: str
    deployEnv: str  # noqa: N815 - as the document spells it
    account: str
    region: str
    canary: int | None
    packages: tuple[SavedPackage, ...]
    changes: tuple[SavedChange, ...]
    world: tuple[SavedResource, ...]
    wanted: tuple[SavedResource, ...]


def read_saved(path: Path) -> SavedPlan:
    """Reads a plan. Raises PlanRefused for a file of another format."""
    try:
        whole = TypeAdapter(Json[dict[str, Any]]).validate_python(path.read_bytes())
    except ValidationError as error:
        raise PlanRefused(
            f"{path} is not a plan: it is not a JSON object; write one with plan --out"
        ) from error
    if whole.get("format") != FORMAT:
        raise PlanRefused(
            f"{path} has format {whole.get('format')!r}, this deployer applies format {FORMAT}; {_AGAIN}"
        )
    try:
        return TypeAdapter(SavedPlan).validate_python(whole)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise PlanRefused(f"{path} is not a plan: {where}: {error.errors()[0]['msg']}; {_AGAIN}") from error


def refuse_other_place(saved: SavedPlan, environment: Environment, names: Names) -> None:
    """Raises PlanRefused for a plan of another environment, account or region."""
    pairs = {
        "environment": (saved.environment, environment.name),
        "deployEnv": (saved.deployEnv, environment.config.deploy_env),
        "account": (saved.account, names.place.account),
        "region": (saved.region, names.place.region),
    }
    other = [f"{what} {planned}, not {found}" for what, (planned, found) in pairs.items() if planned != found]
    if other:
        raise PlanRefused(f"the saved plan is for {'; '.join(other)}; {_AGAIN}")


def refuse_moved(saved: SavedPlan, now: Description) -> None:
    """Raises PlanRefused that lists what has changed, unless the new plan equals the saved one.

    Changes that the saved plan itself made before it was interrupted do not count: the rest is applied.
    """
    moves = [*_builds(saved, now), *_wanted(saved, now), *_world(saved, now)]
    if moves:
        listed = "\n".join(f"  {move}" for move in moves)
        raise PlanRefused(f"the saved plan no longer holds, nothing was changed:\n{listed}\n{_AGAIN}")
    if not _has_begun(saved, now):
        _refuse_false_changes(saved, now)


def _refuse_false_changes(saved: SavedPlan, now: Description) -> None:
    """The reviewed changes must be those that follow from existing and wanted resources."""
    reviewed = {Key(change.kind, change.name): change for change in saved.changes}
    real = {change.key: _as_saved(change) for change in now.changes}
    wrong = [key for key in reviewed.keys() | real.keys() if reviewed.get(key) != real.get(key)]
    if wrong:
        names = ", ".join(sorted(map(str, wrong)))
        raise PlanRefused(
            f"the changes in the saved plan do not follow from its resources: {names}; {_AGAIN}"
        )


def _as_saved(change: ChangeDescription) -> SavedChange:
    fields = tuple(SavedField(item.field.path, item.field.old, item.field.new) for item in change.fields)
    return SavedChange(change.action.value, change.key.kind, change.key.name, fields)


def _builds(saved: SavedPlan, now: Description) -> Iterator[str]:
    planned = {package.name: package for package in saved.packages}
    found = {package.name: package for package in now.packages}
    for name in sorted(planned.keys() | found.keys()):
        old, new = planned.get(name), found.get(name)
        if old is None or new is None or old.digest != new.digest:
            yield f"build of {name}: was {_build(old)} when planned, is {_build(new)} now"


def _build(package: Any) -> str:
    return f"{package.version} ({package.digest[:12]})" if package else _ABSENT


def _wanted(saved: SavedPlan, now: Description) -> Iterator[str]:
    for key, old, new in _different(_digests(saved.wanted), _digests(now.wanted)):
        yield f"wanted {key}: was {old} when planned, is {new} now (the configuration or the build differs)"


def _world(saved: SavedPlan, now: Description) -> Iterator[str]:
    wanted = _digests(saved.wanted)
    for key, old, new in _different(_digests(saved.world), _digests(now.world)):
        if new != wanted.get(key, _ABSENT):
            yield f"{key}: was {old} when planned, is {new} now"


def _has_begun(saved: SavedPlan, now: Description) -> bool:
    return _digests(saved.world) != _digests(now.world)


def _digests(resources: Iterable[Any]) -> dict[Key, str]:
    return {resource.key: resource.digest for resource in resources}


def _different(old: Mapping[Key, str], new: Mapping[Key, str]) -> Iterator[tuple[Key, str, str]]:
    for key in sorted(old.keys() | new.keys(), key=str):
        before, after = old.get(key, _ABSENT), new.get(key, _ABSENT)
        if before != after:
            yield key, before, after
