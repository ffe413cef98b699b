"""Reads the current config release from a store.

The pointer `current.json` is read once; everything else is read from the release that it named.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Protocol

import msgspec

from edv_build_processing_plan.core import Release
from edv_build_processing_plan.errors import BadRelease

_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Store(Protocol):
    """Where the config root is stored. Names are relative to the root, such as `current.json`."""

    def read(self, name: str) -> bytes | None:
        """The object's bytes; None when it does not exist."""

    def names(self, folder: str) -> list[str]:
        """All objects under `folder`, which ends with '/', relative to the root."""

    def where(self, name: str) -> str:
        """The object's address for messages: s3://bucket/prefix/name."""


class _Pointer(msgspec.Struct):
    release: str


class _Manifest(msgspec.Struct):
    files: dict[str, Any]


def read_release(store: Store) -> Release:
    """The release that current.json names. Raises BadRelease with the address of the object that is wrong."""
    release = _pinned(store)
    root = f"releases/{release}/"
    return Release(
        id=release,
        stg_tables=_required(store, f"{root}metadata/stg_tables.csv"),
        dv_tables=_required(store, f"{root}metadata/dv_tables.csv"),
        dv_tbl_dpnds=_required(store, f"{root}metadata/dv_tbl_dpnds.csv"),
        files=_files(store, root),
    )


def _pinned(store: Store) -> str:
    data = store.read("current.json")
    where = store.where("current.json")
    if data is None:
        raise BadRelease(f"{where} does not exist; push a config release first")
    try:
        release = msgspec.json.decode(data, type=_Pointer).release
    except msgspec.DecodeError as error:
        raise BadRelease(f"{where} is not a pointer to a release: {error}; push the release again") from None
    if not _RELEASE.fullmatch(release):
        raise BadRelease(
            f"{where} points at '{release}', which is not a release's name; push the release again"
        )
    return release


def _required(store: Store, name: str) -> bytes:
    data = store.read(name)
    if data is None:
        raise BadRelease(f"{store.where(name)} does not exist; the release is incomplete, push it again")
    return data


def _files(store: Store, root: str) -> Collection[str]:
    """Paths inside the release: those of its manifest, or of its objects when it has no manifest."""
    name = f"{root}manifest.json"
    data = store.read(name)
    if data is None:
        return [
            found.removeprefix(root) for folder in ("STG/", "EDV/") for found in store.names(root + folder)
        ]
    try:
        return list(msgspec.json.decode(data, type=_Manifest).files)
    except msgspec.DecodeError as error:
        raise BadRelease(f"{store.where(name)} is not a manifest: {error}; push the release again") from None
