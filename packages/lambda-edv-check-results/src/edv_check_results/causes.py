"""Why a table failed, and whether it was only skipped because another one did. Pure."""

import re

from process_control import causes

# the job names what it raised, and the table, in front of it
_SKIPPED = re.compile(r"(?:[A-Za-z_][\w.]*: )*(skipped: .*)")


def reason(cause: str | None) -> str:
    """What happened, in one line; a skipped table's starts with `skipped: `."""
    text = causes.reason(cause)
    skipped = _SKIPPED.match(text)
    return skipped[1] if skipped else text


def is_skip(text: str) -> bool:
    """Whether a reason says that the table was not tried because another one failed."""
    return text.startswith("skipped: ")
