"""What can go wrong in a run. Messages say what, where, the value that came and the way out; never a secret."""

from __future__ import annotations

MESSAGE_LIMIT = 400  # characters: what an operator sees of a failed Glue run


class DatamartError(Exception):
    """Base of every error this package raises on purpose."""


class SkippedError(DatamartError):
    """The table was not tried, because a table it builds on does not hold this run."""


class BadValueError(DatamartError):
    """A value does not fit where it has to go; the message names column and value."""


def shown(value: object, limit: int = 60) -> str:
    """A value as it may stand in a message: quoted, escaped and cut."""
    text = str(value)
    return repr(text if len(text) <= limit else text[:limit] + "...")


def concise(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """One line of at most `limit` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."
