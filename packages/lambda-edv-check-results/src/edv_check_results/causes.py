"""The reason of a failed table, and whether the table was skipped because of another failure. Pure."""

import re

from process_control import causes

# Glue and the job write the exception's class, or the table, before the message
_SKIPPED = re.compile(r"(?:[A-Za-z_][\w.]*: )*(skipped: .*)")


def reason(cause: str | None) -> str:
    """The reason in one line; that of a skipped table starts with `skipped: `."""
    text = causes.reason(cause)
    skipped = _SKIPPED.match(text)
    return skipped[1] if skipped else text


def is_skip(text: str) -> bool:
    """Whether the reason is that of a skipped table."""
    return text.startswith("skipped: ")
