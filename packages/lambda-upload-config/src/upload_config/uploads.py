"""Runs uploads side by side within a budget of bytes; knows nothing of S3."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

MAX_BYTES = 16 * 1024 * 1024
MAX_REQUESTS = 24
"""Bounds of what is on its way at once: bytes for large bodies, requests for small ones."""

_WORKERS = 16

Result = TypeVar("Result")


class Uploads:
    """A pool that makes its one caller wait instead of holding more than the budget.

    The first upload that fails is raised by the next `start`, or by the end of the `with` block;
    leaving the block waits for whatever is on its way.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="upload")
        self._running: dict[Future[object], int] = {}

    def __enter__(self) -> "Uploads":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            while kind is None and self._running:
                self._settle()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def start(self, size: int, upload: Callable[[], Result]) -> "Future[Result]":
        """Run an upload whose body has `size` bytes, as soon as the budget has room for it."""
        while self._running and (
            sum(self._running.values()) + size > MAX_BYTES or len(self._running) >= MAX_REQUESTS
        ):
            self._settle()
        future = self._pool.submit(upload)
        self._running[future] = size  # type: ignore[index]  # only ever waited for
        return future

    def _settle(self) -> None:
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in done:
            del self._running[future]
        for future in done:
            future.result()
