"""Does it fit the quotas? Names, the definition and its literals.

Quotas (Step Functions guide, "Service quotas" and "Intrinsic functions"): 80 characters of a state's name, 1 MiB of a
definition, 262,144 bytes of a state's data, 10 intrinsic functions in one field. The number of events in a
history depends on the data, so no check covers it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from stepfunctions_local_test.checks.finding import LIMITS, Finding
from stepfunctions_local_test.graph import Graph

NAME = 80
DEFINITION = 1024 * 1024
DATA = 262_144
INTRINSICS = 10

_LITERALS = ("Result", "Parameters", "ItemSelector", "ResultSelector")
_CALL = re.compile(r"States\.\w+\(")
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'")


def problems(graph: Graph) -> Iterator[Finding]:
    """Everything over its quota, with both figures."""
    size = _bytes(graph.definition)
    if size > DEFINITION:
        message = f"the definition has {size} bytes, Step Functions takes {DEFINITION}; split the machine"
        yield Finding(LIMITS, graph.name, "", message)
    for state in graph.states.values():
        for message in _of_state(state.name, state.body):
            yield Finding(LIMITS, graph.name, state.name, message)


def _of_state(name: str, body: Any) -> Iterator[str]:
    if len(name) > NAME:
        yield f"its name has {len(name)} characters, Step Functions takes {NAME}; shorten it"
    for field in _LITERALS:
        size = _bytes(_constants(body[field])) if field in body else 0
        if size > DATA:
            yield f"{field} holds {size} bytes of literals, a state's data may have {DATA}; read them from elsewhere"
    for place, text in _texts({field: body.get(field) for field in (*_LITERALS, "ErrorPath", "CausePath")}):
        calls = len(_CALL.findall(_QUOTED.sub("''", text)))
        if calls > INTRINSICS:
            yield f"{place} has {calls} intrinsic functions, Step Functions takes {INTRINSICS} in a field; split it"


def _bytes(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _constants(value: Any) -> Any:
    """The constants of a template, without paths: their values are unknown."""
    if isinstance(value, dict):
        return {key: _constants(inner) for key, inner in value.items() if not key.endswith(".$")}
    return [_constants(inner) for inner in value] if isinstance(value, list) else value


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{number}]")
    elif isinstance(value, str) and (place.endswith((".$", "ErrorPath", "CausePath"))):
        yield place, value
