"""The thread that renews the lock while a deploy runs."""

import threading
from collections.abc import Callable
from types import TracebackType


class Heartbeat:
    """Calls `pulse` every `every` seconds on its own thread, inside a `with` block."""

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
        """No pulse runs any more when this returns."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self._pulse()
