"""Selects the objects of the archive, their names and their order; pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from download_zip.errors import BadSource
from download_zip.events import Request

PIECE_BYTES = 4 * 1024 * 1024
"""The most bytes of one read: a larger object is read in several, so that it is never whole in memory."""

_DRIVE = re.compile(r"^[A-Za-z]:")
_UNPRINTABLE = {"Cc", "Cf", "Zl", "Zp"}  # control and invisible characters, line and paragraph separators
_SHOWN_PROBLEMS = 5


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One listed object: size in bytes; the ETag pins its content."""

    key: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Member:
    """One object and its name in the archive."""

    name: str
    source: SourceObject


@dataclass(frozen=True, slots=True)
class Piece:
    """A range of bytes of one member; `whole` when it is the whole member."""

    member: Member
    start: int
    length: int

    @property
    def whole(self) -> bool:
        return self.length == self.member.source.size


@dataclass(frozen=True, slots=True)
class Selection:
    """The members in archive order, and the number of skipped objects."""

    members: tuple[Member, ...]
    skipped: int

    @property
    def total_bytes(self) -> int:
        return sum(member.source.size for member in self.members)


def select(objects: Iterable[SourceObject], request: Request) -> Selection:
    """Select and name the members; raises BadSource when none is left or a name is unsafe.

    Empty folder markers (keys that end in '/') are no files and are not counted.
    """
    members: list[Member] = []
    skipped = 0
    for source in objects:
        if source.key.endswith("/") and source.size == 0:
            continue
        if _left_out(source.key, request):
            skipped += 1
            continue
        name = source.key if request.include_source_folder_in_zip else source.key[len(request.prefix) :]
        members.append(Member(name, source))
    if not members:
        raise BadSource(
            f"nothing to zip below s3://{request.source_bucket}/{request.prefix}: {skipped} objects skipped "
            f"by ignore_patterns {list(request.ignored)}; check source_folder and the patterns"
        )
    _refuse_unsafe(members, request.source_bucket)
    return Selection(tuple(sorted(members, key=lambda member: member.name.encode())), skipped)


def pieces(members: Sequence[Member]) -> Iterator[Piece]:
    """Cut the members into reads of at most PIECE_BYTES, in order; an empty object is one empty piece."""
    for member in members:
        size = member.source.size
        for start in range(0, max(size, 1), PIECE_BYTES):
            yield Piece(member, start, min(PIECE_BYTES, size - start))


def _left_out(key: str, request: Request) -> bool:
    if request.source_bucket == request.destination_bucket and key == request.target_key:
        return True  # the archive of an earlier run must not get into this one
    base_name = key.rpartition("/")[2]
    return any(fnmatchcase(base_name, pattern) or fnmatchcase(key, pattern) for pattern in request.ignored)


def _refuse_unsafe(members: Sequence[Member], bucket: str) -> None:
    """Raise BadSource for names that UploadConfig or another unpacker would refuse or change."""
    problems: list[str] = []
    seen: dict[str, str] = {}
    folders = {folder: member.source.key for member in members for folder in _folders(_folded(member.name))}
    for member in members:
        key = member.source.key
        if problem := _name_problem(member.name):
            problems.append(f"{key!r} {problem}")
        elif inside := folders.get(_folded(member.name)):
            problems.append(f"{key!r} is a file and the folder of {inside!r}, which no unpacker can write")
        elif (other := seen.setdefault(_folded(member.name), key)) != key:
            problems.append(
                f"{key!r} differs from {other!r} only in case, accents' encoding or dots at the end"
            )
    if problems:
        shown = "; ".join(problems[:_SHOWN_PROBLEMS])
        raise BadSource(
            f"s3://{bucket}: {len(problems)} keys cannot be archive names: {shown}; "
            "rename them or leave them out with ignore_patterns"
        )


def _name_problem(name: str) -> str | None:
    segments = name.split("/")
    rules = (
        ("ends in '/' but holds data", name.endswith("/")),
        ("is absolute", name.startswith("/")),
        ("has a '..' segment", ".." in (segment.rstrip() for segment in segments)),
        ("has an empty or '.' segment", "" in segments or "." in segments),
        ("has a backslash", "\\" in name),
        ("starts with a drive letter", _DRIVE.match(name) is not None),
        ("has a control character", any(unicodedata.category(char) in _UNPRINTABLE for char in name)),
    )
    return next((text for text, broken in rules if broken), None)


def _folders(name: str) -> Iterator[str]:
    """The folders that a name lies in: `a` and `a/b` for `a/b/c`."""
    for index, character in enumerate(name):
        if character == "/":
            yield name[:index]


def _folded(name: str) -> str:
    """The name without case, accent encoding and final dots and spaces: some file systems ignore these differences."""
    bare = "/".join(filter(None, (segment.rstrip(". ") for segment in name.split("/"))))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", bare).casefold())
