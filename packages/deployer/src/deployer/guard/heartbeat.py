"""The thread that keeps the lock alive while a deploy runs."""

import threading
from collections.abc import Callable
from types import TracebackType


class Heartbeat:
    """Calls `pulse` every so many seconds, on a thread of its own, between `with` and its end."""

    def __init__(self, pulse: Callable[[], None], every: float) -> None:
        self._pulse = pulse
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deploy-lock-heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """No pulse is under way when this returns."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self._pulse()
