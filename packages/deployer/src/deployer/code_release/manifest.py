"""The manifest of a release: packages, config release and every resource as it was applied; pure data."""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from deployer.build_output.contents import Builds
from deployer.errors import DeployerError
from deployer.model.digests import digest_of
from deployer.model.resources import KINDS, Artifact, Key, Resource, key_of

FORMAT = 1


class ManifestError(DeployerError):
    """A manifest cannot be read, or a release is not known."""


@dataclass(frozen=True)
class Package:
    """One package of a release: version, digest of the build, and digests of its files by name."""

    name: str
    version: str
    digest: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class Activation:
    """When a release went live, how (deploy, rollback, canary 10), by whom and from which build."""

    at: str
    how: str
    by: str
    build_url: str | None = None


@dataclass(frozen=True)
class Manifest:
    """One release of one environment; `numbers` are AWS's version numbers by function and machine."""

    release: str
    deploy_env: str
    created: str
    packages: tuple[Package, ...]
    resources: tuple[Resource, ...]
    config_release: str | None = None
    activations: tuple[Activation, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)

    @property
    def by_key(self) -> dict[Key, Resource]:
        return {key_of(resource): resource for resource in self.resources}

    @property
    def last_live(self) -> str:
        """When it last went live; empty for a release whose deploy never finished."""
        return self.activations[-1].at if self.activations else ""

    def went_live(self, activation: Activation, numbers: Mapping[str, str]) -> "Manifest":
        """The manifest with another activation."""
        return dataclasses.replace(self, activations=(*self.activations, activation), numbers=numbers)


def packages_of(builds: Builds) -> tuple[Package, ...]:
    """The packages of a build."""
    lambdas = (Package(b.package, b.version, b.digest, b.files) for b in builds.lambdas.values())
    glue = builds.glue
    return *lambdas, Package("glue-datamart-exec", glue.version, glue.digest, glue.files)


def dumped(manifest: Manifest) -> bytes:
    """JSON of a manifest."""
    plain = dataclasses.asdict(dataclasses.replace(manifest, resources=()))
    whole = {"format": FORMAT, **plain, "resources": [_plain(item) for item in manifest.resources]}
    return f"{json.dumps(whole, indent=1, sort_keys=True)}\n".encode()


def loaded(text: bytes, where: str) -> Manifest:
    """Parses a manifest. Raises ManifestError for a damaged one."""
    try:
        whole = json.loads(text)
        if whole.pop("format") != FORMAT:
            raise ManifestError(f"{where} was written by another deployer; use that one, or deploy anew")
        resources = tuple(_resource(item) for item in whole.pop("resources"))
        bare: Manifest = _adapter(Manifest).validate_python({**whole, "resources": ()})
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise ManifestError(f"{where} is not a manifest ({error}); delete it and deploy anew") from error
    return dataclasses.replace(bare, resources=resources)


def _plain(item: Resource) -> dict[str, Any]:
    fields = _of_kind(item).dump_python(
        item, mode="json", exclude={"path"} if isinstance(item, Artifact) else None
    )
    return {"kind": KINDS[type(item)].name, "digest": digest_of(item), "fields": fields}


def _resource(item: dict[str, Any]) -> Resource:
    kind, digest = item["kind"], item["digest"]
    types = {known.name: type_ for type_, known in KINDS.items()}
    found: Resource = _adapter(types[kind]).validate_python(item["fields"])
    if digest_of(found) != digest:
        raise ValueError(f"{kind} {found.name} does not have digest {digest}")
    return found


def _of_kind(item: Resource) -> TypeAdapter[Any]:
    kind: Any = type(item)
    return _adapter(kind)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def find(manifests: Iterable[Manifest], asked: str) -> Manifest:
    """The release whose id begins with `asked`. Raises ManifestError when there is none, or more than one."""
    known = list(manifests)
    matching = [manifest for manifest in known if manifest.release.startswith(asked)]
    if len(matching) == 1 and asked:
        return matching[0]
    found = f"{len(matching)} releases begin" if matching else "no release begins"
    ids = ", ".join(manifest.release for manifest in known) or "none"
    raise ManifestError(f"{found} with '{asked}'; known ones: {ids}")


def previous(manifests: Iterable[Manifest], live: str | None) -> Manifest:
    """The release that was live before the one called `live`. Raises ManifestError when there was none."""
    others = [manifest for manifest in manifests if manifest.release != live and manifest.last_live]
    if not others:
        raise ManifestError("there is no earlier release to roll back to; nox -s releases lists all releases")
    return max(others, key=lambda manifest: manifest.last_live)
