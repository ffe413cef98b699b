"""Differences between two texts, line by line; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

_NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True)
class TextDiff:
    """Lines of a unified diff, and how many are added and removed.

    `endings_only`: the texts differ in nothing but the ends of lines.
    """

    lines: tuple[str, ...]
    added: int
    removed: int
    endings_only: bool


def text_diff(path: str, old: bytes, new: bytes) -> TextDiff:
    """The unified diff of a file; a side without bytes is /dev/null."""
    before, after = _lines(old), _lines(new)
    names = (f"a/{path}" if old else "/dev/null", f"b/{path}" if new else "/dev/null")
    found = [_whole(line) for line in unified_diff(before, after, *names)]
    changes = [line for line in found[2:] if line[0] in "+-"]
    added = sum(line[0] == "+" for line in changes)
    return TextDiff(tuple(found), added, len(changes) - added, bool(old and new) and _bare(before, after))


def _lines(data: bytes) -> list[str]:
    """Lines with their ends; only LF ends one, as in every other diff."""
    return [line for line in re.split(r"(?<=\n)", data.decode("utf-8", "replace")) if line]


def _whole(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"


def _bare(before: Sequence[str], after: Sequence[str]) -> bool:
    return [line.rstrip("\r\n") for line in before] == [line.rstrip("\r\n") for line in after]
