"""A JSONPath as steps: names and indexes, as long as they lead to one value."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]*()]+)|\[(?P<index>\d+)\]|\[(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]"""
)


@dataclass(frozen=True, slots=True)
class Path:
    """`steps` begin with "$" (the data) or "$$" (the context object); `many` if it leads to several values."""

    text: str
    steps: tuple[str | int, ...]
    many: bool = False


def parse(text: str) -> Path:
    """The path of a text that begins with `$`; wildcards, filters and slices end its steps."""
    root = "$$" if text.startswith("$$") else "$"
    steps: list[str | int] = [root]
    position = len(root)
    while match := _STEP.match(text, position):
        position = match.end()
        steps.append(int(match["index"]) if match["index"] else match["name"] or match["quoted"])
    return Path(text, tuple(steps), many=position < len(text))
