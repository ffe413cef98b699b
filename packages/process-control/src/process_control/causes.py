"""Reads the error message out of the `Cause` that Step Functions gives with an error. Pure.

The Cause is JSON with `errorMessage` (Lambda), `ErrorMessage` (Glue) or `Cause` (a child execution). These may be
nested, and the text may be cut anywhere, because Step Functions keeps 32,768 characters.
"""

import json
import re
from typing import Any

NO_CAUSE = "no cause was given"

_KEYS = ("errorMessage", "ErrorMessage", "Cause")
_CUT = re.compile(r'"(?:errorMessage|ErrorMessage)"\s*:\s*"((?:[^"\\]|\\.)*)')
_GLUE_PREFIX = re.compile(r"Error Category: [^;]*; (?:Failed Line Number: \d+; )?")
_DEPTH = 5


def reason(cause: str | None) -> str:
    """The error message in one line; `NO_CAUSE` without one."""
    text = _GLUE_PREFIX.sub("", _inner(cause or "", _DEPTH), count=1)
    return " ".join(text.split()) or NO_CAUSE


def shorten(text: str, limit: int) -> str:
    """Cut to at most `limit` bytes of UTF-8, between two characters."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return raw.decode("utf-8")
    return raw[: limit - 3].decode("utf-8", "ignore") + "..."


def _inner(text: str, depth: int) -> str:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        cut = _CUT.search(text) if text.lstrip().startswith("{") else None
        return _unescaped(cut[1]) if cut else text
    if not isinstance(found, dict) or depth == 0:
        return text
    for key in _KEYS:
        value = found.get(key)
        if value:
            return _inner(value if isinstance(value, str) else json.dumps(value), depth - 1)
    return _glue_state(found) or text


def _glue_state(found: dict[str, Any]) -> str:
    """The message for a job run that was stopped or timed out: Glue gives none."""
    state = found.get("JobRunState")
    return f"job run {found.get('Id', 'without an id')} ended as {state}" if state else ""


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:  # cut inside an escape
        return text
