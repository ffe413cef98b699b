"""Checks the central directory before any member is read; pure."""

import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from upload_config.central_directory import Entry
from upload_config.errors import ArchiveRefused
from upload_config.events import Request
from upload_config.names import folded, is_system_file, normal, parents, problem_of

STORED = 0
DEFLATED = 8
DESCRIPTOR = 0x08
ENCRYPTED = 0x01 | 0x40 | 0x2000  # traditional, strong, hidden directory
_PATCHED = 0x20
UTF8 = 0x800
_LOCAL_HEADER = 30
_LOCAL_SLACK = 0xFFFF + 24  # the longest extra field and data descriptor
_RATIO_FROM_BYTES = 64 * 1024 * 1024  # members below this together are harmless, whatever their ratio
_MAX_KEY_BYTES = 1024  # S3's limit for an object key in UTF-8
_SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class Member:
    """One entry and its object key, None for a directory or a system file; `end` is the offset of the next entry."""

    entry: Entry
    key: str | None
    end: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Every entry in the order of offsets; `offset` is that of the central directory.

    `left_out` counts files that are not written: those of macOS.
    """

    members: tuple[Member, ...]
    offset: int
    left_out: int

    @property
    def files(self) -> int:
        return sum(member.key is not None for member in self.members)

    @property
    def total_bytes(self) -> int:
        return sum(member.entry.size for member in self.members)


def plan(entries: Iterable[Entry], offset: int, request: Request) -> Plan:
    """Check the archive as its directory declares it; raises ArchiveRefused that lists the problems."""
    listed = _within_limits(entries, request)
    _refuse_bomb(listed, offset, request.max_ratio)
    keys = _keys(listed, request)
    files = sum(not _is_directory(entry) for entry in listed)
    written = sum(key is not None for key in keys)
    if not written:
        raise ArchiveRefused("no files in it: nothing would be uploaded")
    ordered = sorted(zip(listed, keys, strict=True), key=lambda pair: pair[0].offset)
    _refuse_overlaps([entry for entry, _ in ordered], offset)
    ends = [entry.offset for entry, _ in ordered[1:]] + [offset]
    members = (Member(entry, key, end) for (entry, key), end in zip(ordered, ends, strict=True))
    return Plan(tuple(members), offset, files - written)


def _within_limits(entries: Iterable[Entry], request: Request) -> list[Entry]:
    listed: list[Entry] = []
    files = total = 0
    for entry in entries:
        listed.append(entry)
        files += not _is_directory(entry)
        total += entry.size
        if max(files, len(listed) - files) > request.max_files:
            kind = "files" if files > request.max_files else "directories"
            raise ArchiveRefused(f"more than max_files {request.max_files} {kind}: raise it or pack less")
        if total > request.max_bytes:
            raise ArchiveRefused(
                f"members declare more than {request.max_bytes} bytes together (at {entry.shown}): "
                "set MAX_TOTAL_BYTES higher or pack less"
            )
    return listed


def _refuse_bomb(listed: list[Entry], offset: int, most: int) -> None:
    total = sum(entry.size for entry in listed)
    if total > max(_RATIO_FROM_BYTES, most * offset):
        raise ArchiveRefused(
            f"members declare {total} bytes together, {total // max(offset, 1)} times the archive's {offset}: "
            f"more than {most} times is taken for a ZIP bomb; set MAX_RATIO higher if it is none"
        )


def _keys(listed: list[Entry], request: Request) -> list[str | None]:
    problems: list[str] = []
    seen: dict[str, Entry] = {}
    folders: dict[str, Entry] = {}
    keys: list[str | None] = []
    own = {request.input.key} if request.input.bucket == request.output.bucket else set()
    for entry in listed:
        problem = _entry_problem(entry)
        key = None
        if problem is None and not is_system_file(name := entry.raw_name.decode()):
            other = seen.setdefault(folded(name), entry)
            for folder in parents(folded(name)):
                folders.setdefault(folder, entry)
            if other is not entry and not (_is_directory(other) and _is_directory(entry)):
                problem = f"becomes equal to {other.shown}"
            elif not _is_directory(entry):
                key = request.output.key(normal(name))
                problem = _key_problem(key, own)
        keys.append(key)
        if problem is not None:
            problems.append(f"{entry.shown} {problem}")
    problems += [
        f"{seen[name].shown} is a file and the folder of {inside.shown}"
        for name, inside in folders.items()
        if name in seen and not _is_directory(seen[name])
    ]
    if problems:
        raise ArchiveRefused(f"{len(problems)} entries refused: {'; '.join(problems[:_SHOWN_PROBLEMS])}")
    return keys


def _entry_problem(entry: Entry) -> str | None:
    name = _decoded(entry)
    if name is None:
        return "is neither ASCII nor marked and valid UTF-8: pack again with a tool that writes UTF-8 names"
    kind = stat.S_IFMT(entry.mode)
    directory = name.endswith("/")
    rules = (
        ("is encrypted", bool(entry.flags & ENCRYPTED)),
        ("is a patch, not a file", bool(entry.flags & _PATCHED)),
        (
            f"uses compression method {entry.method}, only 0 (stored) and 8 (deflated) are read",
            entry.method not in {STORED, DEFLATED},
        ),
        ("is a symbolic link", kind == stat.S_IFLNK),
        (
            f"has file type {kind:#o}, neither file nor directory",
            kind not in {0, stat.S_IFLNK, stat.S_IFDIR if directory else stat.S_IFREG},
        ),
        ("is a directory with content", directory and entry.size > 0),
        ("is stored but its two sizes differ", entry.method == STORED and entry.size != entry.compressed),
    )
    return next((text for text, broken in rules if broken), None) or problem_of(name)


def _key_problem(key: str, own: Collection[str]) -> str | None:
    if len(key.encode()) > _MAX_KEY_BYTES:
        return f"would have a key of more than {_MAX_KEY_BYTES} bytes"
    return "would overwrite the archive itself" if key in own else None


def _decoded(entry: Entry) -> str | None:
    """The name; None when programs could decode its bytes differently."""
    if not entry.raw_name.isascii() and not entry.flags & UTF8:
        return None
    try:
        return entry.raw_name.decode()
    except UnicodeDecodeError:
        return None


def _is_directory(entry: Entry) -> bool:
    return entry.raw_name.endswith(b"/")


def _refuse_overlaps(ordered: list[Entry], offset: int) -> None:
    """Members must fill the archive from byte 0 to the directory. Local headers are checked when they are read."""
    if ordered[0].offset:
        raise ArchiveRefused(f"{ordered[0].offset} bytes before the first member belong to no entry")
    following = [(entry.offset, entry.shown) for entry in ordered[1:]] + [(offset, "the central directory")]
    for entry, (upto, after) in zip(ordered, following, strict=True):
        least = entry.offset + _LOCAL_HEADER + len(entry.raw_name) + entry.compressed
        if least > upto:
            raise ArchiveRefused(f"{entry.shown} overlaps {after}")
        if upto - least > _LOCAL_SLACK:
            raise ArchiveRefused(f"{upto - least} bytes between {entry.shown} and {after} belong to no entry")
