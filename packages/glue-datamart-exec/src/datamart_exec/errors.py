"""The errors of a run. A message names the problem, the place, the value and the way out; it holds no secret."""

from __future__ import annotations

MESSAGE_LIMIT = 400  # characters that the Glue console shows of a failed run


class DatamartError(Exception):
    """Base class of the errors that this package raises."""


class SkippedError(DatamartError):
    """The load was not tried: a table that it requires does not hold this run."""


class BadValueError(DatamartError):
    """A value does not fit its column; the message names column and value."""


def shown(value: object, limit: int = 60) -> str:
    """A value for a message: quoted, escaped and cut."""
    text = str(value)
    return repr(text if len(text) <= limit else text[:limit] + "...")


def concise(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."
