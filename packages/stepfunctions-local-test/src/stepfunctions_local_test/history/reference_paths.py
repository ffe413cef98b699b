"""Reference paths of Amazon States Language: `$.a.b[0]['c d']`, one value or none."""

import re
from typing import Any

_PART = re.compile(r"\.([^\s.\[\]'\"()*,?@]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\[\"((?:[^\"\\]|\\.)*)\"\]")


class PathError(ValueError):
    """A path that is not a reference path."""


class _Absent:
    """The value of a missing path."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Any = _Absent()


def parts(path: str) -> list[str | int]:
    """Names and indices of `$...`. Raises PathError for wildcards, slices, filters and other paths with many values."""
    if not path.startswith("$") or path.startswith("$$"):
        raise PathError(f"{path!r} does not begin with one $")
    found: list[str | int] = []
    place = 1
    while place < len(path):
        match = _PART.match(path, place)
        if match is None:
            raise PathError(f"{path!r} is not a reference path from {path[place:]!r} on")
        name, index, single, double = match.groups()
        found.append(int(index) if index is not None else name or single or double or "")
        place = match.end()
    return found


def at(path: str, data: Any) -> Any:
    """The value at `path` in `data`, or ABSENT."""
    for part in parts(path):
        if isinstance(part, int):
            data = data[part] if isinstance(data, list) and part < len(data) else ABSENT
        else:
            data = data.get(part, ABSENT) if isinstance(data, dict) else ABSENT
        if data is ABSENT:
            return ABSENT
    return data
