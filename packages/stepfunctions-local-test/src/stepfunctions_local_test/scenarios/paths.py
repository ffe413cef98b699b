"""The states that an execution enters, in the form of scenario files: one line for equal items of a map.

A path is a list of states. A map (or parallel state) that had items is written as a key with its items, in the order
of their index; an item is a list of states, or on one line `A, B, C`, and ` x 20` says that 20 items in a row
went that way. A state alone on a line may also be repeated: `Poll x 3`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

_TIMES = re.compile(r"(.*?) x (\d+)")


class BadPath(ValueError):  # noqa: N818 - the reader of the file adds the place
    """An invalid path."""


@dataclass(frozen=True, slots=True)
class Step:
    """An entered state; `items` are the paths of a map's items, None without items."""

    state: str
    items: "tuple[tuple[Step, ...], ...] | None" = None


Path = tuple[Step, ...]


def read(value: Any) -> Path:
    """The path in a file's list. Raises BadPath."""
    if not isinstance(value, list):
        raise BadPath(f"a path is a list of states, got {value!r}")
    return tuple(step for entry in value for step in _steps(entry))


def _steps(entry: Any) -> Iterator[Step]:
    if isinstance(entry, str):
        name, times = _counted(entry)
        yield from [Step(name)] * times
    elif isinstance(entry, dict) and len(entry) == 1:
        ((name, items),) = entry.items()
        if not isinstance(items, list):
            raise BadPath(f"{name} has the list of its items behind it, got {items!r}")
        yield Step(name, tuple(way for item in items for way in _ways(item)) or None)
    else:
        raise BadPath(f"a step is the name of a state, or a map with its items behind it, got {entry!r}")


def _ways(item: Any) -> list[Path]:
    if isinstance(item, str):
        text, times = _counted(item)
        return [tuple(Step(name.strip()) for name in text.split(","))] * times
    return [read(item)]


def _counted(text: str) -> tuple[str, int]:
    found = _TIMES.fullmatch(text)
    return (found.group(1), int(found.group(2))) if found else (text, 1)


def states(path: Path) -> Iterator[str]:
    """Every name in a path."""
    for step in path:
        yield step.state
        for way in step.items or ():
            yield from states(way)


def lines(path: Path, indent: str = "") -> list[str]:
    """A path in the form of a file, equal items on one line."""
    found: list[str] = []
    for step, times in _runs(path):
        repeated = f" x {times}" if times > 1 else ""
        if step.items is None:
            found.append(f"{indent}- {step.state}{repeated}")
        else:
            found += [f"{indent}- {step.state}:", *_item_lines(step.items, indent + "    ")] * times
    return found


def _item_lines(items: Sequence[Path], indent: str) -> list[str]:
    found: list[str] = []
    for way, times in _runs(items):
        if way and all(step.items is None for step in way):
            repeated = f" x {times}" if times > 1 else ""
            found.append(f"{indent}- {', '.join(step.state for step in way)}{repeated}")
            continue
        for _ in range(times):
            first, *rest = lines(way, indent + "  ") or [f"{indent}  []"]
            found += [f"{indent}- {first.strip()}", *rest]
    return found


def _runs(things: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    for thing, same in groupby(things):
        yield thing, len(list(same))
