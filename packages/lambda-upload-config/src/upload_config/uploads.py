"""Runs uploads in parallel, within limits on bytes and requests; knows nothing of S3."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

MAX_BYTES = 16 * 1024 * 1024
MAX_REQUESTS = 24
"""Limits of the running uploads: bytes matter for large bodies, requests for small ones."""

_WORKERS = 16

Result = TypeVar("Result")


class Uploads:
    """A thread pool for one caller, which waits when a limit is reached.

    The next `start`, or the end of the `with` block, raises the error of the first failed upload. The end of the block
    waits for all running uploads.
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
        """Start an upload of `size` bytes as soon as the limits allow it."""
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
