"""Checks of definitions: moto accepts everything that its grammar can read, AWS does not."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions.parser import api
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local_aws.emulator.patching import replace

TYPES = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
ENDINGS = ("Succeed", "Fail", "Choice")


class InvalidDefinition(AWSError):  # noqa: N818 - the name is the error code
    """AWS's error; moto's own class of that name reaches the caller without its code."""

    TYPE = "InvalidDefinition"
    STATUS = 400


def install() -> None:
    """Check before moto parses."""
    parse = StepFunctionsParserBackend._validate_definition
    checked = staticmethod(checker(parse))
    replace(
        StepFunctionsParserBackend, "_validate_definition", checked, reason="moto accepts invalid definitions"
    )


def checker(parse: Callable[..., None]) -> Callable[[str], None]:
    """`_validate_definition` that also looks at states, transitions and resources."""

    def validate(definition: str) -> None:
        try:
            machine = json.loads(definition)
        except ValueError as error:
            raise refusal(f"INVALID_JSON_DESCRIPTION: {error}") from error
        found = list(problems(machine, ""))
        if found:
            raise refusal("', '".join(f"SCHEMA_VALIDATION_FAILED: {problem}" for problem in found))
        try:
            parse(definition=definition)
        except api.InvalidDefinition as error:
            raise refusal(str(error)) from error

    return validate


def refusal(text: str) -> InvalidDefinition:
    """AWS's exception in AWS's words."""
    return InvalidDefinition(f"Invalid State Machine Definition: '{text}'")


def problems(machine: Any, where: str) -> Iterator[str]:
    """Everything wrong with a machine or a sub-machine."""
    if not isinstance(machine, dict) or not isinstance(machine.get("States"), dict) or not machine["States"]:
        yield f"States is required and must not be empty at {where or '/'}"
        return
    states = machine["States"]
    if machine.get("StartAt") not in states:
        yield f"StartAt must name a state, got {machine.get('StartAt')!r} at {where}/StartAt"
    for name, state in states.items():
        yield from state_problems(state, states, f"{where}/States/{name}")


def state_problems(state: Any, states: dict[str, Any], where: str) -> Iterator[str]:
    """Everything wrong with one state."""
    kind = state.get("Type") if isinstance(state, dict) else None
    if kind not in TYPES:
        yield f"Type must be one of {', '.join(TYPES)}, got {kind!r} at {where}/Type"
        return
    for target, place in targets(state):
        if target not in states:
            yield f"Missing 'Next' target: {target} at {where}/{place}"
    if kind not in ENDINGS and ("Next" in state) == bool(state.get("End")):
        yield f"exactly one of Next and End is required at {where}"
    if kind == "Task" and not state.get("Resource"):
        yield f"Resource is required at {where}/Resource"
    if kind == "Choice" and not state.get("Choices"):
        yield f"Choices is required and must not be empty at {where}/Choices"
    yield from inner_problems(state, kind, where)


def inner_problems(state: dict[str, Any], kind: str, where: str) -> Iterator[str]:
    """Everything wrong with the machines inside a Map or Parallel state."""
    if kind == "Map":
        key = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
        yield from problems(state.get(key), f"{where}/{key}")
    if kind == "Parallel":
        branches = state.get("Branches") or [None]
        for number, branch in enumerate(branches):
            yield from problems(branch, f"{where}/Branches[{number}]")


def targets(state: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    """The states that a state can go to, each with its place."""
    for key in ("Next", "Default"):
        if key in state:
            yield state[key], key
    for key in ("Catch", "Choices"):
        for number, item in enumerate(state.get(key) or []):
            yield item.get("Next"), f"{key}[{number}]/Next"
