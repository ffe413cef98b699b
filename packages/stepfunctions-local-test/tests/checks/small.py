"""Small machines that are right, and one change that makes them wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepfunctions_local_test.checks import Contracts, Resources, check_definition

FUNCTION = "arn:aws:lambda:us-east-1:111122223333:function:Load"
INVOKE = "arn:aws:states:::lambda:invoke"
DONE: dict[str, Any] = {"Type": "Succeed"}


def machine(start: str = "", /, **states: Mapping[str, Any]) -> dict[str, Any]:
    """A machine of these states, in this order; the first one starts."""
    return {"StartAt": start or next(iter(states)), "States": dict(states)}


def task(**more: Any) -> dict[str, Any]:
    """A good task; `Next` is Done unless told otherwise, None takes a field away."""
    good = {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": FUNCTION, "Payload": {}},
        "TimeoutSeconds": 60,
        "Next": "Done",
    }
    return {key: value for key, value in (good | more).items() if value is not None}


def passing(next_state: str | None = "Done", **more: Any) -> dict[str, Any]:
    """A Pass."""
    return {"Type": "Pass", **more, **({"Next": next_state} if next_state else {"End": True})}


def each(processor: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An inline map that goes on to Done."""
    inner = {"ProcessorConfig": {"Mode": "INLINE"}, **processor}
    return {"Type": "Map", "ItemProcessor": inner, "Next": "Done", **more}


def messages(
    definition: Any, *, resources: Resources | None = None, contracts: Any = None, check: str | None = None
) -> list[str]:
    """What the checks say, each as "check: state: message"."""
    promised = None if contracts is None else Contracts.of(contracts)
    found = check_definition("M", definition, resources, promised)
    return [f"{one.check}: {one.state}: {one.message}" for one in found if check in (None, one.check)]
