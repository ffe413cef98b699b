"""The containers of this process that run: stopped at its end, and shown when a test fails."""

import atexit
import os
from contextlib import suppress
from typing import Any, Protocol


class Running(Protocol):
    """What is known of a running container."""

    executions: list[str]  # ARNs, in the order in which they were started

    def log_tail(self, lines: int = 50) -> str: ...

    def history(self, execution_arn: str) -> list[dict[str, Any]]: ...

    def stop(self) -> None: ...


_RUNNING: list[tuple[int, Running]] = []


def containers() -> list[Running]:
    """What this process, not one that it was forked from, has started and not yet stopped."""
    return [container for pid, container in _RUNNING if pid == os.getpid()]


def add(container: Running) -> None:
    """Remember a container that was started."""
    _RUNNING.append((os.getpid(), container))


def discard(container: Running) -> None:
    """Forget a container that was stopped."""
    _RUNNING[:] = [item for item in _RUNNING if item[1] is not container]


@atexit.register
def stop_all() -> None:
    """Stop what nobody has stopped."""
    for container in containers():
        with suppress(Exception):  # the interpreter ends; the next sweep takes what is left
            container.stop()
