"""Lanes beside a column: overlapping intervals get different lanes, short ones next to the column."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Interval = tuple[float, float]

_APART = 8.0  # how far two ways in one lane keep from each other


def lanes(intervals: Mapping[Key, Interval]) -> dict[Key, int]:
    """The lane of every interval, from 0; intervals of one lane do not touch. Deterministic."""
    taken: list[list[Interval]] = []
    found: dict[Key, int] = {}
    for key, interval in sorted(intervals.items(), key=lambda item: (item[1][1] - item[1][0], item[1])):
        number = next(
            (n for n, lane in enumerate(taken) if not any(_touch(interval, one) for one in lane)), len(taken)
        )
        if number == len(taken):
            taken.append([])
        taken[number].append(interval)
        found[key] = number
    return found


def _touch(one: Interval, other: Interval) -> bool:
    return one[0] < other[1] + _APART and other[0] < one[1] + _APART
