"""All releases below the config root: which are complete, which is live, when each came into force."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from deployer.config_release.pointer import Pointer, Switch, moment_of
from deployer.config_release.store import ReleaseStore, StoredObject
from deployer.errors import ReleaseError
from sql_tree.release.contents import MANIFEST

LIVE, PREVIOUS = "live", "previous"
_READERS = 8
_LISTED = 10


@dataclass(frozen=True)
class StoredRelease:
    """One release as it is stored; `objects` are sizes in bytes by name, `expected` those of its manifest.

    `expected` is None when the manifest is missing or damaged.
    """

    release: str
    objects: Mapping[str, int]
    modified: datetime
    expected: Mapping[str, int] | None = field(repr=False)
    tables: int = 0

    @property
    def files(self) -> int:
        """Files without the manifest."""
        return sum(name != MANIFEST for name in self.objects)

    @property
    def is_complete(self) -> bool:
        """Whether every file of the manifest is there with its size, and nothing else."""
        stored = {name: size for name, size in self.objects.items() if name != MANIFEST}
        return self.expected is not None and stored == dict(self.expected)

    @property
    def state(self) -> str:
        """`complete`, or what is not: `incomplete: 12 of 140 files`."""
        if self.is_complete:
            return "complete"
        if self.expected is None:
            return f"incomplete: {self.files} files without a manifest"
        whole = sum(self.objects.get(name) == size for name, size in self.expected.items())
        more = len(self.objects.keys() - self.expected.keys() - {MANIFEST})
        return f"incomplete: {whole} of {len(self.expected)} files" + (f", {more} others" if more else "")


@dataclass(frozen=True)
class Inventory:
    """The pointer, and all stored releases: the live one first, then the one that was in force last, and so on."""

    pointer: Pointer
    releases: tuple[StoredRelease, ...]

    def find(self, asked: str) -> str:
        """The release that is called so: `live`, `previous`, or the beginning of its digest. Raises ReleaseError."""
        if asked in {LIVE, PREVIOUS}:
            return self._by_word(asked)
        known = [stored.release for stored in self.releases]
        matching = [release for release in known if asked and release.startswith(asked)]
        if len(matching) == 1 or asked in matching:
            return asked if asked in matching else matching[0]
        if matching:
            raise ReleaseError(f"{len(matching)} releases begin with '{asked}': {', '.join(matching)}")
        raise ReleaseError(self._unknown(asked, known))

    def _by_word(self, word: str) -> str:
        release = self.pointer.release if word == LIVE else self.pointer.previous
        if release is None:
            raise ReleaseError(
                "no release is in force; nox -s configs -- push ENV makes the first"
                if word == LIVE
                else "no release was in force before the current one; nox -s configs -- releases ENV lists all releases"
            )
        return release

    def _unknown(self, asked: str, known: Sequence[str]) -> str:
        pruned = {switch.release for switch in self.pointer.history if switch.release.startswith(asked)}
        if asked and len(pruned) == 1:
            return gone(pruned.pop(), self.pointer)
        listed = ", ".join(known[:_LISTED]) or "none"
        more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
        return f"no release begins with '{asked}'; there are: {listed}{more}"


def gone(release: str, pointer: Pointer) -> str:
    """What to say about a release that was in force once and is not stored any more."""
    pushed = pointer.last_push(release)
    commit = f"commit {pushed.commit}" if pushed and pushed.commit else "its commit"
    return f"release {release} was pruned; check out {commit} and push it again"


def inventory(store: ReleaseStore) -> Inventory:
    """Reads the pointer first, so that a switch made meanwhile is noticed by a conditional write."""
    pointer = store.current()
    objects: dict[str, list[StoredObject]] = {}
    for item in store.objects():
        objects.setdefault(item.release, []).append(item)
    with ThreadPoolExecutor(_READERS) as pool:
        found = pool.map(lambda name: _stored(store, name, objects[name]), objects)
    return Inventory(pointer, tuple(sorted(found, key=lambda item: _order(item, pointer), reverse=True)))


def _order(stored: StoredRelease, pointer: Pointer) -> tuple[bool, bool, datetime]:
    switch: Switch | None = pointer.last_switch(stored.release)
    since = moment_of(switch.at) if switch else stored.modified
    return stored.release == pointer.release, stored.is_complete, since


def _stored(store: ReleaseStore, release: str, objects: Iterable[StoredObject]) -> StoredRelease:
    sizes = {item.name: item.size for item in objects}
    modified = max(item.modified for item in objects)
    expected, tables = _expected(store, release) if MANIFEST in sizes else (None, 0)
    return StoredRelease(release, sizes, modified, expected, tables)


def _expected(store: ReleaseStore, release: str) -> tuple[Mapping[str, int] | None, int]:
    """Sizes by name and the number of tables that the manifest has; None for a damaged manifest."""
    try:
        manifest: Any = store.manifest(release)
        files = {str(name): int(entry["size"]) for name, entry in manifest["files"].items()}
        tables = sum(len(names) for layer, names in manifest["tables"].items() if layer != "DDL")
    except (ReleaseError, ValueError, KeyError, TypeError, AttributeError):
        return None, 0
    return files, tables
