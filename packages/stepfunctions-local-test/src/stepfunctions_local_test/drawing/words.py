"""The texts of a drawing: rules, errors and resources, without names of an environment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from stepfunctions_local_test.graph import Edge, State

SHOWN = 80  # characters of a label; its tooltip has all

_SIGNS = {
    "Equals": "=",
    "LessThan": "<",
    "GreaterThan": ">",
    "LessThanEquals": "<=",
    "GreaterThanEquals": ">=",
}
_COMPARISON = re.compile(r"(?:String|Numeric|Boolean|Timestamp)(\w+?)(Path)?")
_ASKED = {
    "IsPresent": ("is there", "is missing"),
    "IsNull": ("is null", "is not null"),
    "IsNumeric": ("is a number", "is no number"),
    "IsString": ("is a text", "is no text"),
    "IsBoolean": ("is true or false", "is neither true nor false"),
    "IsTimestamp": ("is a time", "is no time"),
}


def subtitle(state: State) -> str:
    """The type of a state, with a short description where there is one."""
    body = state.body
    match state.kind:
        case "Task":
            return service(str(body["Resource"]))
        case "Map":
            one_by_one = ", one after the other" if body.get("MaxConcurrency") == 1 else ""
            return f"Map over {body.get('ItemsPath', '$')}{one_by_one}"
        case "Fail":
            return f"Fail {body.get('Error', '')}".strip()
    return state.kind


def service(resource: str) -> str:
    """`glue:startJobRun.sync` of `arn:aws:states:::glue:startJobRun.sync`; no ARN of a function or activity."""
    if ":::" in resource:
        return f"Task, {resource.partition(':::')[2]}"
    return "Task, Lambda function" if ":lambda:" in resource else "Task, activity"


def label(state: State, edge: Edge) -> str:
    """The condition of an edge: its rule or the caught errors; "" for a plain transition."""
    if edge.kind == "choice":
        return rule(state.body["Choices"][edge.index])
    if edge.kind == "catch":
        return ", ".join(state.body["Catch"][edge.index]["ErrorEquals"])
    return "otherwise" if edge.kind == "default" else ""


def shortened(text: str) -> str:
    """At most SHOWN characters."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1].rstrip() + "…"


def rule(written: Mapping[str, Any]) -> str:
    """A choice rule as a sentence: `$.counts.stg > 0`."""
    if "And" in written:
        return " and ".join(_grouped(part) for part in _without_guards(written["And"]))
    if "Or" in written:
        return " or ".join(_grouped(part) for part in written["Or"])
    if "Not" in written:
        return f"not ({rule(written['Not'])})"
    name, operand = next((k, v) for k, v in written.items() if k not in ("Variable", "Next", "Comment"))
    return f"{written['Variable']} {_compared(name, operand)}"


def _without_guards(parts: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Drop `is there` when the same path is compared, too."""
    compared = {part.get("Variable") for part in parts if "IsPresent" not in part}
    return [part for part in parts if part.get("IsPresent") is not True or part["Variable"] not in compared]


def _grouped(part: Mapping[str, Any]) -> str:
    return f"({rule(part)})" if part.keys() & {"And", "Or"} else rule(part)


def _compared(name: str, operand: Any) -> str:
    if name in _ASKED:
        return _ASKED[name][0 if operand else 1]
    if name == "StringMatches":
        return f"is like {json.dumps(operand, ensure_ascii=False)}"
    match = _COMPARISON.fullmatch(name)
    if match is None:
        return f"{name} {json.dumps(operand)}"
    return f"{_SIGNS[match[1]]} {operand if match[2] else json.dumps(operand, ensure_ascii=False)}"
