"""Watches the AWS calls of one boto3 client in a test, and breaks one of them."""

import threading
from typing import Any


class Calls:
    """Counts the calls of a client by operation and breaks one of them before it leaves.

    `seen` are the operations in the order in which they were called, by any thread. The call number `break_at`
    (the first is 1, counted in `seen`) raises ConnectionResetError instead of being sent.
    """

    def __init__(self, client: Any) -> None:
        self.seen: list[str] = []
        self.break_at: int | None = None
        self._lock = threading.Lock()
        client.meta.events.register("before-call", self._look)

    def _look(self, model: Any, **_: Any) -> None:
        with self._lock:
            self.seen.append(model.name)
            if len(self.seen) == self.break_at:
                raise ConnectionResetError(f"call {self.break_at} broken")
