"""Checks and normalises the names of members; pure."""

import re
import unicodedata
from collections.abc import Iterator

_DRIVE = re.compile(r"^[A-Za-z]:")
_UNPRINTABLE = {"Cc", "Cf", "Zl", "Zp"}
"""Control characters, invisible ones (different names would look equal), line and paragraph separators."""


def problem_of(name: str) -> str | None:
    """The reason to refuse a name, or None. A directory's trailing slash is allowed."""
    segments = name.split("/")
    rules = (
        ("is absolute", name.startswith("/")),
        ("has a '..' segment", ".." in (segment.rstrip() for segment in segments)),
        ("has a backslash", "\\" in name),
        ("starts with a drive letter", _DRIVE.match(name) is not None),
        ("has a control character", any(unicodedata.category(char) in _UNPRINTABLE for char in name)),
        ("names nothing", not normal(name) and not name.endswith("/")),
    )
    return next((text for text, broken in rules if broken), None)


def is_system_file(name: str) -> bool:
    """True for what macOS adds to folders and archives; it is no part of a release."""
    *folders, last = normal(name).split("/")
    return "__MACOSX" in (*folders, last) or last == ".DS_Store"


def parents(name: str) -> Iterator[str]:
    """The folders that a name lies in: `a` and `a/b` for `a/b/c`."""
    for index, character in enumerate(name):
        if character == "/":
            yield name[:index]


def normal(name: str) -> str:
    """The name without '.' and empty segments, as unpackers write it."""
    return "/".join(segment for segment in name.split("/") if segment not in {"", "."})


def folded(name: str) -> str:
    """The normal name without case, accent encoding and final dots and spaces: equal for names that become one file.

    S3 keeps `A.sql`, `a.sql` and `a.sql.` apart. A checkout on macOS or Windows does not, and tables are looked up
    without regard to case: any of the three could win.
    """
    bare = "/".join(segment.rstrip(". ") for segment in name.split("/"))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", normal(bare)).casefold())
