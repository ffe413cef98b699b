"""Lists of equal items in short form: `[item]`, or `[{repeat: item, times: 200}]`."""

from typing import Any


def several(item: Any, times: int) -> list[Any]:
    """`times` items, as scenario files write them."""
    return [item] if times == 1 else [{"repeat": item, "times": times}]


def together(one: list[Any], other: list[Any]) -> list[Any]:
    """A list that satisfies both: the greater length, and lists as items if either has lists."""
    (item, times), (second, more) = _read(one), _read(other)
    if isinstance(item, list) and isinstance(second, list):
        item = together(item, second)
    elif isinstance(second, list):
        item = second
    return several(item, max(times, more)) if max(times, more) else []


def _read(value: list[Any]) -> tuple[Any, int]:
    if not value:
        return None, 0
    first = value[0]
    if isinstance(first, dict) and first.keys() == {"repeat", "times"}:
        return first["repeat"], first["times"]
    return first, len(value)
