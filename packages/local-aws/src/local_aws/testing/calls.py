"""Watches the AWS calls of one boto3 client in a test, breaks one of them, or lets some fail as AWS lets them fail."""

import threading
from dataclasses import replace
from typing import Any

from local_aws.testing.failures import Failure


class Calls:
    """Counts the calls of a client by operation and breaks one of them before it leaves.

    `seen` are the operations in the order in which they were called, by any thread. The call number `break_at`
    (the first is 1, counted in `seen`) raises ConnectionResetError instead of being sent.
    """

    def __init__(self, client: Any) -> None:
        self.seen: list[str] = []
        self.break_at: int | None = None
        self._failures: dict[str, Failure] = {}
        self._protocol = client.meta.service_model.resolved_protocol
        self._lock = threading.Lock()
        client.meta.events.register("before-call", self._look)
        client.meta.events.register("before-send", self._answer)

    def fail(
        self, operation: str, code: str, *, times: int = 1, status: int = 400, message: str = ""
    ) -> None:
        """Let the next requests of an operation be answered with an error; retries of boto3 are requests, too."""
        with self._lock:
            self._failures[operation] = Failure(
                code, message or f"{operation} fails in this test", status, times
            )

    def _look(self, model: Any, **_: Any) -> None:
        with self._lock:
            self.seen.append(model.name)
            if len(self.seen) == self.break_at:
                raise ConnectionResetError(f"call {self.break_at} broken")

    def _answer(self, request: Any, event_name: str, **_: Any) -> Any:
        operation = event_name.rpartition(".")[2]
        with self._lock:
            failure = self._failures.get(operation)
            if failure is None or failure.times < 1:
                return None
            self._failures[operation] = replace(failure, times=failure.times - 1)
        return failure.response(request.url, self._protocol)
