"""The line of a value in a JSON text, for messages. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def line(text: str, path: Sequence[str | int]) -> int:
    """The line, from 1, of the value at a path of names and numbers; of the last value on it that exists."""
    at = _skip(text, 0)
    for step in path:
        found = _member(text, at, step) if isinstance(step, str) else _element(text, at, step)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _member(text: str, at: int, name: str) -> int | None:
    """Where the value of a name begins in the object at a place."""
    while text[at] in "{,":
        at = _skip(text, at + 1)
        if text[at] == "}":
            return None
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _skip(text, at) + 1)  # the colon
        if key == name:
            return at
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
    return None


def _element(text: str, at: int, number: int) -> int | None:
    """Where an element begins in the list at a place."""
    while text[at] in "[,":
        at = _skip(text, at + 1)
        if text[at] == "]":
            return None
        if number == 0:
            return at
        number -= 1
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
    return None
