"""Matching of error names in retriers and catchers.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

ALL, TASK_FAILED, TIMEOUT, HEARTBEAT = (
    "States.ALL",
    "States.TaskFailed",
    "States.Timeout",
    "States.HeartbeatTimeout",
)
# No wildcard matches these. A catcher can name the first; nothing catches the second.
TERMINAL = ("States.DataLimitExceeded", "States.Runtime")


def covers(name: str, error: str) -> bool:
    """Whether `name` in an ErrorEquals matches `error`."""
    if name == error:
        return True
    if error in TERMINAL:
        return False
    if name == TIMEOUT:
        return error == HEARTBEAT
    return name == ALL or (name == TASK_FAILED and error not in (TIMEOUT, HEARTBEAT))


def naming(rule: Mapping[str, Any], error: str) -> str | None:
    """The name in a rule's ErrorEquals that matches `error`; the error's own name comes before a wildcard."""
    names: Sequence[str] = rule["ErrorEquals"]
    if error in names:
        return error
    return next((name for name in names if covers(name, error)), None)


def first_for(rules: Sequence[Mapping[str, Any]], error: str) -> tuple[int, str] | None:
    """The index of the first rule that matches `error`, and the name that matches; None when no rule does."""
    for number, rule in enumerate(rules):
        name = naming(rule, error)
        if name is not None:
            return number, name
    return None
