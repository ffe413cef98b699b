"""An effect that is given up when its time is over: for effects that must not hang their caller."""

import threading
from collections.abc import Callable
from typing import TypeVar

from process_control.errors import OutOfTimeError

T = TypeVar("T")


def within(seconds: float, effect: Callable[[], T], *, name: str) -> T:
    """The effect's value or its exception; `OutOfTimeError` after `seconds`.

    The effect runs in a daemon thread, because name resolution and a silent network obey no timeout of their own.
    What was given up may still finish later: an effect must be atomic.
    """
    values: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            values.append(effect())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if values:
        return values[0]
    if errors:
        raise errors[0]
    raise OutOfTimeError(f"{name} did not finish within {seconds:g} seconds")
