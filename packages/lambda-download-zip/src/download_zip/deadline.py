"""Stops a run shortly before the function's timeout, while there is time to clean up."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from download_zip.errors import OutOfTime

MARGIN_MS = 10_000
_MARGIN_SHARE = 0.1

Item = TypeVar("Item")
Remaining = Callable[[], int]
"""Milliseconds left, from the context of the Lambda."""


def within_time(items: Iterable[Item], remaining: Remaining | None, work: str) -> Iterator[Item]:
    """Yield the items; raises OutOfTime when less than the margin (10 s, or a tenth of the time) is left."""
    if remaining is None:
        yield from items
        return
    margin = min(MARGIN_MS, remaining() * _MARGIN_SHARE)
    for item in items:
        if (left := remaining()) < margin:
            raise OutOfTime(
                f"{work}: {left} ms of the function's time left; nothing was written; "
                "raise its timeout or zip smaller folders"
            )
        yield item
