"""SIGINT and SIGTERM while a deploy changes things: it stops between two changes, never inside one."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_NOTE = (
    b"stopping: what has begun is being finished; Ctrl-C again ends at once and leaves the lock to expire\n"
)


class Stop:
    """Whether a stop was requested. An exception could come anywhere instead, also between a call and its record."""

    def __init__(self) -> None:
        self._asked = False

    def asked(self) -> bool:
        return self._asked

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Inside, Ctrl-C and SIGTERM only request a stop. A second Ctrl-C ends the process at once, like a kill."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self._signalled) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _signalled(self, number: int, _: FrameType | None) -> None:
        if self._asked and number == signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        first, self._asked = not self._asked, True
        if first:
            # Not through the console: the signal may have come while the console was writing.
            with suppress(OSError):
                os.write(2, _NOTE)
