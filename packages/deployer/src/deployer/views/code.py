"""What a new build changes in a package: version, files and dependencies; pure."""

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from deployer.blueprint.specs import SPECS
from deployer.code_release.manifest import Package
from deployer.model.names import Names
from deployer.model.resources import KINDS, Function, GlueJob, Key

GLUE = "glue-datamart-exec"
# A wheel as a file of the Glue bundle, and the folder that one leaves in a Lambda zip (PyPA: binary distribution format).
_WHEEL = re.compile(r"wheels/(?P<name>[^-/]+)-(?P<version>[^-/]+)-[^/]+\.whl")
_INSTALLED = re.compile(r"(?P<name>[^-/]+)-(?P<version>[^-/]+)\.dist-info/.*")


@dataclass(frozen=True)
class Dependency:
    """A distribution inside a package; versions are equal when only its content changed, None where it is absent."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class PackageChange:
    """One package of the live release compared with the build; `known` is false when the live files are not recorded."""

    name: str
    old: str | None
    new: str
    known: bool
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dependencies: tuple[Dependency, ...] = ()

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Sign and name of every file that is not part of a dependency, by name."""
        signed = (("+", self.added), ("-", self.removed), ("~", self.changed))
        pairs = ((sign, name) for sign, names in signed for name in names if not distribution_in(name))
        return tuple(sorted(pairs, key=lambda pair: pair[1]))


def package_changes(
    build: Iterable[Package], live: Iterable[Package] | None, names: Names, existing: Container[Key]
) -> dict[Key, PackageChange]:
    """Packages whose content changes, by the function or job that runs them; `live` is None without a manifest.

    A package whose function or job does not exist is new, also without one.
    """
    owners = owners_of(names)
    before = {package.name: package for package in live or ()}
    found = ((package, before.get(package.name)) for package in build if package.name in owners)
    return {
        owners[new.name]: change(old, new, known=live is not None or owners[new.name] not in existing)
        for new, old in found
        if old is None or old.digest != new.digest
    }


def owners_of(names: Names) -> dict[str, Key]:
    """The function or job that runs each package."""
    functions = {spec.package: Key(KINDS[Function].name, names.function(spec.suffix)) for spec in SPECS}
    return functions | {GLUE: Key(KINDS[GlueJob].name, names.glue_job)}


def change(old: Package | None, new: Package, *, known: bool) -> PackageChange:
    """The difference of two contents; all files are new where there was none before."""
    if not known:
        return PackageChange(new.name, None, new.version, known=False)
    before = old.files if old else {}
    return PackageChange(
        name=new.name,
        old=old.version if old else None,
        new=new.version,
        known=True,
        added=tuple(sorted(new.files.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - new.files.keys())),
        changed=tuple(sorted(n for n in new.files.keys() & before.keys() if new.files[n] != before[n])),
        dependencies=tuple(_dependencies(before, new.files)),
    )


def distribution_in(file: str) -> tuple[str, str] | None:
    """Name and version of the distribution that a file stands for."""
    found = _WHEEL.fullmatch(file) or _INSTALLED.fullmatch(file)
    return (found["name"], found["version"]) if found else None


def _dependencies(old: Mapping[str, str], new: Mapping[str, str]) -> Iterable[Dependency]:
    before, after = _distributions(old), _distributions(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            versions = (found[name][0] if name in found else None for found in (before, after))
            yield Dependency(name, *versions)


def _distributions(files: Mapping[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Version and digests by name of the distributions among the files."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for file, digest in sorted(files.items()):
        if distribution := distribution_in(file):
            name, version = distribution
            found[name] = (version, (*found.get(name, (version, ()))[1], digest))
    return found
