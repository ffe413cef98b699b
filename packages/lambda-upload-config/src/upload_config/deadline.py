"""Stops a run while there is still time to clean up; a function killed by its timeout cannot."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from upload_config.errors import OutOfTime

MARGIN_MS = 10_000
_MARGIN_SHARE = 0.1

Item = TypeVar("Item")
Remaining = Callable[[], int]
"""Milliseconds left, as Lambda's context tells them."""


def within_time(items: Iterable[Item], remaining: Remaining | None, work: str) -> Iterator[Item]:
    """Pass the items through; raises OutOfTime when the margin (10 s, or a tenth of the time) is reached."""
    if remaining is None:
        yield from items
        return
    margin = min(MARGIN_MS, remaining() * _MARGIN_SHARE)
    for item in items:
        if (left := remaining()) < margin:
            raise OutOfTime(f"{work}: {left} ms of the function's time left; raise its timeout")
        yield item
