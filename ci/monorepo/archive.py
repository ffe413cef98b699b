"""Reproducible archives: the same tree gives the same bytes, and an identity that does not depend on zlib."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold
FILE_MODE = 0o644
PROGRAM_MODE = 0o755


def tree(root: Path, *, exclude: Iterable[str] = ()) -> dict[str, bytes]:
    """The files under `root` by relative name, without those that a pattern of `exclude` matches."""
    patterns = tuple(exclude)
    files = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not _excluded(PurePosixPath(name), patterns):
            files[name] = path.read_bytes()
    return files


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Writes the files in order of their names, with fixed dates and modes; the target appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = mode_of(name) << 16
            entry.create_system = 3  # Unix, or the modes are ignored
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    half.replace(path)


def identity(files: Mapping[str, bytes]) -> str:
    """sha256 over uncompressed names, modes and bytes: equal content is equal whatever compressed it."""
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{name}\0{mode_of(name):o}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """sha256 of each file by name."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}


def mode_of(name: str) -> int:
    """Permissions inside an archive; taken from the name, since a checkout's umask must not change a build."""
    return PROGRAM_MODE if ".so" in PurePosixPath(name).suffixes else FILE_MODE


def _excluded(name: PurePosixPath, patterns: tuple[str, ...]) -> bool:
    """A pattern names a file, or a folder and so everything in it; `*` and `?` work inside one path part."""
    places = [name, *list(name.parents)[:-1]]
    return any(place.match(pattern) for pattern in patterns for place in places)
