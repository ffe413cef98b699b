"""Which names of members may become object keys; pure."""

import re
import unicodedata

_DRIVE = re.compile(r"^[A-Za-z]:")
_UNPRINTABLE = {"Cc", "Cf", "Zl", "Zp"}
"""Controls, invisible ones (which make different names look equal), line and paragraph separators."""


def problem_of(name: str) -> str | None:
    """Why a name is refused, or None; a directory's trailing slash is fine."""
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


def normal(name: str) -> str:
    """The name without '.' and empty segments, as every unpacker would write it."""
    return "/".join(segment for segment in name.split("/") if segment not in {"", "."})


def folded(name: str) -> str:
    """Equal for names that become one file: normalised, case-blind, accents composed, no dots or spaces at the end.

    S3 would keep `A.sql`, `a.sql` and `a.sql.` apart. A checkout on macOS or Windows does not, and tables
    are looked up without regard to case: which of them wins would be an accident.
    """
    bare = "/".join(segment.rstrip(". ") for segment in name.split("/"))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", normal(bare)).casefold())
