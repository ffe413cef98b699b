"""One function per kind of state. Each returns a Step, which does not know its neighbours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A named state without its links; `machine` adds Next, End and Catch.

    `goes_to` replaces the step written next; `ends` ends this level; `catch_to` replaces the machine's error target,
    and `error_path` is where that target finds the error (None: the error is dropped).
    """

    name: str
    state: Json
    goes_to: str | None = None
    ends: bool = False
    catch_to: str | None = None
    error_path: str | None = "$.error"

    @property
    def kind(self) -> str:
        """The ASL type: Task, Pass, Choice, Map, Succeed or Fail."""
        return str(self.state["Type"])


def then(step: Step, target: str) -> Step:
    """`step`, followed by `target` instead of the step written next."""
    return replace(step, goes_to=target)


def end(step: Step) -> Step:
    """`step` as the end of its level; its output is the level's output."""
    return replace(step, ends=True)


def catching(step: Step, target: str) -> Step:
    """`step` with `target` for its errors instead of the machine's error target; the error is at `$.error`."""
    return replace(step, catch_to=target)


def ignoring_errors(step: Step, target: str) -> Step:
    """`step` that goes to `target` when it fails, with the step's own input and without the error."""
    return replace(step, catch_to=target, error_path=None)


def task(
    name: str,
    resource: str,
    parameters: Json,
    *,
    timeout_seconds: int,
    retry: Sequence[Json],
    result: Json | None = None,
    result_path: str | None,
) -> Step:
    """A Task. `result` selects from the answer (None: the whole answer); `result_path` None drops it."""
    selector = {} if result is None else {"ResultSelector": result}
    return Step(
        name,
        {
            "Type": "Task",
            "Resource": resource,
            "Parameters": parameters,
            "TimeoutSeconds": timeout_seconds,
            **selector,
            "ResultPath": result_path,
            "Retry": list(retry),
        },
    )


def compose(name: str, parameters: Json, *, result_path: str = "$") -> Step:
    """A Pass that builds a value from constants and paths."""
    return Step(name, {"Type": "Pass", "Parameters": parameters, "ResultPath": result_path})


def marker(name: str) -> Step:
    """A Pass that changes nothing: histories show its name."""
    return Step(name, {"Type": "Pass"})


def constant(name: str, value: Any, *, result_path: str) -> Step:
    """A Pass that writes a fixed value to `result_path`."""
    return Step(name, {"Type": "Pass", "Result": value, "ResultPath": result_path})


def choice(name: str, *rules: tuple[Json, str], otherwise: str) -> Step:
    """A Choice: the target of the first rule that holds, else `otherwise`."""
    choices = [{**rule, "Next": target} for rule, target in rules]
    return Step(name, {"Type": "Choice", "Choices": choices, "Default": otherwise})


def map_over(
    name: str,
    items_path: str,
    processor: Json,
    *,
    item: Json,
    concurrency: int,
    result: Json | None = None,
    result_path: str = "$",
) -> Step:
    """An inline Map: `processor` once for every item, at most `concurrency` at a time."""
    selector = {} if result is None else {"ResultSelector": result}
    return Step(
        name,
        {
            "Type": "Map",
            "ItemsPath": items_path,
            "MaxConcurrency": concurrency,
            "ItemSelector": item,
            "ItemProcessor": processor,
            **selector,
            "ResultPath": result_path,
        },
    )


def succeed(name: str) -> Step:
    """A Succeed; its input is the execution's output."""
    return Step(name, {"Type": "Succeed"})


def fail(name: str, *, error: str, cause: str) -> Step:
    """A Fail; `error` and `cause` are paths or intrinsics that give a string."""
    return Step(name, {"Type": "Fail", "ErrorPath": error, "CausePath": cause})


def with_defaults(defaults: Json, path: str) -> str:
    """An intrinsic that merges the object at `path` into `defaults`, so that every key of the defaults exists.

    A key with the value null stays null. Raises ValueError for defaults with a quote or a backslash, which the string
    of an intrinsic cannot hold unescaped.
    """
    text = json.dumps(defaults, separators=(",", ":"))
    if "'" in text or "\\" in text:
        raise ValueError(f"defaults must have no quote and no backslash, got {text}")
    return f"States.JsonMerge(States.StringToJson('{text}'), {path}, false)"


def is_value(
    path: str,
    test: Literal["StringEquals", "BooleanEquals", "NumericEquals", "NumericGreaterThan", "StringMatches"],
    value: Any,
) -> Json:
    """A rule that compares the value at `path`; false, not an error, when there is none."""
    return {"And": [{"Variable": path, "IsPresent": True}, {"Variable": path, test: value}]}
