"""Reads several pieces in parallel ahead of their use, in order, within limits on bytes and requests."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from download_zip.core import Piece

MAX_BYTES = 16 * 1024 * 1024
MAX_REQUESTS = 24
"""Limits of what is being read or waits to be zipped: bytes matter for large objects, requests for small ones."""


def in_order(read: Callable[[Piece], bytes], pieces: Iterable[Piece]) -> Generator[tuple[Piece, bytes]]:
    """Yield every piece with its bytes in the given order; a failed read is raised when its piece is due."""
    waiting: deque[tuple[Piece, Future[bytes]]] = deque()
    held = 0
    with ThreadPoolExecutor(MAX_REQUESTS, thread_name_prefix="read") as pool:
        try:
            for piece in pieces:
                while waiting and (held + piece.length > MAX_BYTES or len(waiting) >= MAX_REQUESTS):
                    ready, future = waiting.popleft()
                    yield ready, future.result()
                    held -= ready.length
                waiting.append((piece, pool.submit(read, piece)))
                held += piece.length
            while waiting:
                ready, future = waiting.popleft()
                yield ready, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
