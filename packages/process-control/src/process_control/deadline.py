"""Runs an effect with a time limit, for effects that must not block their caller."""

import threading
from collections.abc import Callable
from typing import TypeVar

from process_control.errors import OutOfTimeError

T = TypeVar("T")


def within(seconds: float, effect: Callable[[], T], *, name: str) -> T:
    """Return the effect's value or raise its exception; raise `OutOfTimeError` after `seconds`.

    An effect that ran out of time may still finish later, so it must be atomic.
    """
    values: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            values.append(effect())
        except BaseException as error:
            errors.append(error)

    # a thread, because name resolution and a silent network have no timeout that could be set
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if values:
        return values[0]
    if errors:
        raise errors[0]
    raise OutOfTimeError(f"{name} did not finish within {seconds:g} seconds")
