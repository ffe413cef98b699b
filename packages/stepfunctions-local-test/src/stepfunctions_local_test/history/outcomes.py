"""The outcomes of a state's attempts, independent of an engine's event names."""

import json
from collections.abc import Iterator
from typing import Any

from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.history.errors import TIMEOUT
from stepfunctions_local_test.history.reference_paths import ABSENT, PathError, at
from stepfunctions_local_test.history.replay import Event, Visit

# Prefixes of event types; the suffixes are the outcomes below.
_OWNERS = ("Task", "LambdaFunction", "Activity", "MapState", "MapRun", "ParallelState")
_GOOD = ("Succeeded",)
_BAD = ("Failed", "TimedOut", "SubmitFailed", "StartFailed", "ScheduleFailed")

_CALLED = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled")


def outcomes(visit: Visit, graph: Graph) -> list[str | None]:
    """The outcomes of all attempts in order: an error name, or None for success; `""` is an error without a name."""
    return list(_ends(visit, graph))


def calls(visit: Visit) -> int:
    """The number of calls that the state made."""
    return sum(event["type"] in _CALLED for event in visit.events)


def _ends(visit: Visit, graph: Graph) -> Iterator[str | None]:
    for event in visit.events:
        owner = next((name for name in _OWNERS if event["type"].startswith(name)), None)
        end = event["type"].removeprefix(owner or "")
        if owner and end in _GOOD:
            yield None
        elif owner and end in _BAD:
            yield _error(event, visit, graph)


def _error(event: Event, visit: Visit, graph: Graph) -> str:
    details = event.get(f"{event['type'][0].lower()}{event['type'][1:]}EventDetails") or {}
    error = details.get("error")
    if error:
        return str(error)
    if event["type"].endswith("TimedOut"):
        return TIMEOUT
    return _inner_error(visit, graph) or caught_error(visit, graph) or ""


def _inner_error(visit: Visit, graph: Graph) -> str | None:
    """The error of the item or branch that failed a map or parallel state."""
    for item in visit.items:
        last = item.current
        if last is None or last.left:
            continue
        ends = outcomes(last, graph)
        if ends and ends[-1]:
            return ends[-1]
        if graph.states[last.state].kind == "Fail":
            return graph.states[last.state].body.get("Error")
    return None


def caught_error(visit: Visit, graph: Graph) -> str | None:
    """The error in the state data, if a catcher's ResultPath put it there."""
    if visit.result is None:
        return None
    data = json.loads(visit.result)
    for catcher in graph.states[visit.state].body.get("Catch", ()):
        found = _named(data, catcher.get("ResultPath", "$"))
        if found:
            return found
    return None


def _named(data: Any, path: str | None) -> str | None:
    try:
        value = at(f"{path}.Error", data) if path else ABSENT
    except PathError:
        return None
    return value if isinstance(value, str) else None
