"""Compares two config releases, each published or compiled from a folder; reads only the files that differ."""

import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from deployer.config_release.inventory import LIVE, PREVIOUS, Inventory, inventory
from deployer.config_release.store import ReleaseStore
from deployer.errors import ReleaseError
from sql_tree.release.contents import MANIFEST, Release
from sql_tree.release.difference import Difference, Kind, changed_files, difference
from sql_tree.release.lineage import Lineage, lineage

_READERS = 16
Contents = Mapping[str, tuple[bytes, bytes]]


@dataclass(frozen=True)
class Side:
    """One of the two releases: how it was asked for, its lineage, and how a file of it is read."""

    label: str
    lineage: Lineage
    read: Callable[[str], bytes] = field(repr=False)


@dataclass(frozen=True)
class Comparison:
    """Two releases, what is different in the new one, and the old and new bytes of every file that differs.

    A file that one of them lacks has no bytes there.
    """

    old: Side
    new: Side
    difference: Difference
    contents: Contents


def published_side(store: ReleaseStore, asked: str) -> Side:
    """A published release: `live`, `previous`, or the beginning of its digest. Raises ReleaseError and ManifestError."""
    # the words need the pointer only
    found = Inventory(store.current(), ()) if asked in {LIVE, PREVIOUS} else inventory(store)
    release = found.find(asked)
    where = f"s3://{store.bucket}/{store.release_prefix(release)}{MANIFEST}"
    read = lineage(store.manifest(release), where)

    def content(name: str) -> bytes:
        data = store.read(release, name)
        if hashlib.sha256(data).hexdigest() != read.files[name]:
            raise ReleaseError(
                f"{name} of release {release} has other content than its manifest says; "
                f"push the release again from its commit"
            )
        return data

    return Side(asked if asked in {LIVE, PREVIOUS} else "", read, content)


def tree_side(release: Release, label: str) -> Side:
    """A compiled tree."""
    return Side(
        label, lineage(release.manifest, f"the manifest of {label}"), lambda name: release.files[name]
    )


def compare(old: Side, new: Side) -> Comparison:
    """What is different in `new`."""
    contents = _contents(old, new)
    found = difference(old.lineage, new.lineage, lambda path: _defined(path, contents[path]))
    return Comparison(old, new, found, contents)


def _contents(old: Side, new: Side) -> Contents:
    kinds = changed_files(old.lineage, new.lineage)

    def both(path: str) -> tuple[bytes, bytes]:
        before = b"" if kinds[path] is Kind.ADDED else old.read(path)
        return before, b"" if kinds[path] is Kind.REMOVED else new.read(path)

    with ThreadPoolExecutor(_READERS) as pool:
        return dict(zip(kinds, pool.map(both, kinds), strict=True))


def _defined(path: str, contents: tuple[bytes, bytes]) -> set[str]:
    """Tables, as `schema.table`, that the old or the new text of a DDL script defines."""
    # Its parser is imported only when DDL differs.
    from sql_tree.compiler.ddl import defined_tables

    texts = (data.decode("utf-8-sig", "replace") for data in contents if data)
    return {table for text in texts for table in defined_tables(path, text)}
