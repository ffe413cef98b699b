"""A compiled config release: its files, its manifest and its name."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MANIFEST = "manifest.json"
MANIFEST_VERSION = 1


@dataclass(frozen=True)
class Release:
    """`files` are the bytes by name, without the manifest; `warnings` do not keep it from being published."""

    release: str
    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    warnings: tuple[str, ...] = ()

    @cached_property
    def manifest_bytes(self) -> bytes:
        """The manifest as it is stored."""
        return (json.dumps(self.manifest, indent=1, sort_keys=True) + "\n").encode()

    @property
    def everything(self) -> Mapping[str, bytes]:
        """All that is stored below the release's prefix: the files and the manifest."""
        return {**self.files, MANIFEST: self.manifest_bytes}


def summary(release: Release) -> dict[str, Any]:
    """What a release contains, in numbers."""
    layers: dict[str, Any] = dict(release.manifest.get("tables", {}))
    tables = {layer: len(tables) for layer, tables in layers.items() if tables}
    kinds = Counter(name.partition("/")[0] for name in release.files)
    return {
        "release": release.release,
        "files": len(release.files),
        "bytes": sum(map(len, release.files.values())),
        "tables": tables,
        "directories": dict(sorted(kinds.items())),
    }


def release_name(files: Mapping[str, bytes]) -> str:
    """The name that content gives a release: 32 hex digits over the sorted names and bytes of its files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()[:32]


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """sha256 of each file's bytes, in hex."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
