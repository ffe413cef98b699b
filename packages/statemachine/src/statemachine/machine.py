"""Links steps into a definition: the written order is the running order, unless a step names another target.

Refuses what Step Functions would refuse at deployment, and unreachable states, which it would accept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from statemachine.errors import StateMachineError
from statemachine.states import Step

# Limits of Step Functions: characters of a state's name and of the definition.
_MAX_NAME = 80
_MAX_DEFINITION = 1024 * 1024

_CAN_FAIL = frozenset({"Task", "Map"})
_TERMINAL = frozenset({"Succeed", "Fail"})


def machine(*steps: Step, comment: str, timeout_seconds: int, on_error: str) -> dict[str, Any]:
    """The definition of a state machine. A failed task or map goes to `on_error`, unless the step has a target of its
    own for errors. The target gets the step's input with {Error, Cause} at `$.error`.

    Raises StateMachineError for repeated names, unknown targets, unreachable states, and a last step that does not end.
    """
    definition = {
        "Comment": comment,
        "TimeoutSeconds": timeout_seconds,
        **_level(steps, on_error),
    }
    _refuse_repeated(definition)
    size = len(json.dumps(definition))
    if size > _MAX_DEFINITION:
        raise StateMachineError(
            f"the definition has {size} characters, Step Functions takes {_MAX_DEFINITION}"
        )
    return definition


def processor(*steps: Step, on_error: str | None = None) -> dict[str, Any]:
    """The item processor of a Map. Without `on_error`, a failure fails the Map, which the machine catches."""
    return {"ProcessorConfig": {"Mode": "INLINE"}, **_level(steps, on_error)}


def _level(steps: Sequence[Step], on_error: str | None) -> dict[str, Any]:
    if not steps:
        raise StateMachineError("a machine needs at least one step, got none")
    followers = [*(step.name for step in steps[1:]), None]
    states: dict[str, Any] = {}
    for step, follower in zip(steps, followers, strict=True):
        if step.name in states:
            raise StateMachineError(f"state '{step.name}' is written twice; every name must be its own")
        states[step.name] = _linked(step, follower, on_error)
    level = {"StartAt": steps[0].name, "States": states}
    _refuse_unreachable(level)
    return level


def _linked(step: Step, follower: str | None, on_error: str | None) -> dict[str, Any]:
    if not 1 <= len(step.name) <= _MAX_NAME:
        raise StateMachineError(f"a state's name has 1 to {_MAX_NAME} characters, got '{step.name}'")
    return {**step.state, **_catch(step, on_error), **_exit(step, follower)}


def _exit(step: Step, follower: str | None) -> dict[str, Any]:
    if step.kind in _TERMINAL or step.kind == "Choice":
        return {}
    if step.ends:
        return {"End": True}
    target = step.goes_to or follower
    if target is None:
        raise StateMachineError(
            f"state '{step.name}' is the last one but does not end; write end(...) around it"
        )
    return {"Next": target}


def _catch(step: Step, on_error: str | None) -> dict[str, Any]:
    target = step.catch_to or on_error
    if step.kind not in _CAN_FAIL or target is None:
        return {}
    if target == step.name:
        raise StateMachineError(
            f"state '{step.name}' would catch its own failures; give it ignoring_errors(...)"
        )
    # States.ALL does not match States.DataLimitExceeded.
    names = (["States.DataLimitExceeded"], ["States.ALL"])
    return {"Catch": [{"ErrorEquals": name, "ResultPath": step.error_path, "Next": target} for name in names]}


def targets(state: Mapping[str, Any]) -> Iterator[str]:
    """Every state of the same level that can follow `state`."""
    for field in ("Next", "Default"):
        if field in state:
            yield state[field]
    for branch in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield branch["Next"]


def _refuse_unreachable(level: Mapping[str, Any]) -> None:
    states = level["States"]
    for name, state in states.items():
        for target in targets(state):
            if target not in states:
                known = ", ".join(states)
                raise StateMachineError(f"state '{name}' leads to '{target}', which is none of: {known}")
    reached: set[str] = set()
    waiting = [level["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(targets(states[name]))
    if unreachable := [name for name in states if name not in reached]:
        raise StateMachineError(f"no path from '{level['StartAt']}' leads to: {', '.join(unreachable)}")


def state_names(level: Mapping[str, Any]) -> Iterator[str]:
    """All names in written order, those inside a map after the map."""
    for name, state in level["States"].items():
        yield name
        if "ItemProcessor" in state:
            yield from state_names(state["ItemProcessor"])


def _refuse_repeated(definition: Mapping[str, Any]) -> None:
    seen: set[str] = set()
    for name in state_names(definition):
        if name in seen:
            raise StateMachineError(f"state '{name}' is written twice; names must differ inside maps too")
        seen.add(name)
