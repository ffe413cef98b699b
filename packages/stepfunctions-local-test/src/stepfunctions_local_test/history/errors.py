"""Error names as retriers and catchers match them.

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
# No wildcard is for these; the first can be named, the second cannot be caught at all.
TERMINAL = ("States.DataLimitExceeded", "States.Runtime")


def covers(name: str, error: str) -> bool:
    """Whether `name` in an ErrorEquals is for `error`."""
    if name == error:
        return True
    if error in TERMINAL:
        return False
    if name == TIMEOUT:
        return error == HEARTBEAT
    return name == ALL or (name == TASK_FAILED and error not in (TIMEOUT, HEARTBEAT))


def naming(rule: Mapping[str, Any], error: str) -> str | None:
    """The name in a rule's ErrorEquals by which it is for `error`: the error's own rather than a wildcard."""
    names: Sequence[str] = rule["ErrorEquals"]
    if error in names:
        return error
    return next((name for name in names if covers(name, error)), None)


def first_for(rules: Sequence[Mapping[str, Any]], error: str) -> tuple[int, str] | None:
    """The index of the first rule for `error`, and the name by which it is; None when there is none."""
    for number, rule in enumerate(rules):
        name = naming(rule, error)
        if name is not None:
            return number, name
    return None
