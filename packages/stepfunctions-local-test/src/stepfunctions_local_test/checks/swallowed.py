"""Is a caught error lost? A catcher that leads to success hides a failure.

Two findings: a catcher from which only success is reachable, and one from which success is reachable on a route where no
state reads the error. In a map's item the first is often intended: the error becomes the item's result, and a later state
judges the results. Such a finding is accepted with a reason that names this state.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stepfunctions_local_test.checks.finding import SWALLOWED, Finding
from stepfunctions_local_test.checks.reachable import reachable_from
from stepfunctions_local_test.graph import END, Edge, Graph, State

# Fields that write, that do not read the state data, or that are levels of their own.
_NOT_READ = frozenset(
    {"ResultPath", "ResultSelector", "Result", "Retry", "Catch", "ItemProcessor", "Iterator", "Branches"}
)


def problems(graph: Graph) -> Iterator[Finding]:
    """One finding per state, target and path of the error."""
    for state in graph.states.values():
        for message in _of_catches(graph, state):
            yield Finding(SWALLOWED, graph.name, state.name, message)
        if state.body.get("ToleratedFailurePercentage") == 100:
            message = (
                "ToleratedFailurePercentage is 100: every item may fail and the map still succeeds; lower it"
            )
            yield Finding(SWALLOWED, graph.name, state.name, message)


def _of_catches(graph: Graph, state: State) -> Iterator[str]:
    together: dict[tuple[str, str | None], list[str]] = {}
    for edge in graph.leaving(state.name):
        if edge.kind == "catch":
            catcher = state.body["Catch"][edge.index]
            place = (edge.target, catcher.get("ResultPath", "$"))
            together.setdefault(place, []).extend(catcher["ErrorEquals"])
    for (target, path), errors in together.items():
        trouble = _trouble(graph, target, path)
        if trouble:
            yield f"catches {', '.join(errors)} and goes to '{target}', from where {trouble}"


def _trouble(graph: Graph, target: str, path: str | None) -> str:
    """How an error at `path` (None: discarded) is lost after `target`; "" if it is not lost."""
    level = graph.states[target].level
    whose = f"an item of '{level[-1]}'" if level else "the execution"
    left = "the error is discarded" if path is None else f"the error is left at {path}"
    if not _can_fail(graph, target):
        return f"{whose} can only succeed ({left}); lead it to a Fail, or accept it with the state that judges it"
    way = _unseen(graph, target, path)
    if way:
        shown = " -> ".join(way)
        return f"{whose} can succeed and no state reads the error ({left}; route: {shown}); read it before the end"
    return ""


def _can_fail(graph: Graph, start: str) -> bool:
    level = graph.states[start].level
    forward = {
        state.name: [edge.target for edge in graph.leaving(state.name)] for state in graph.inside(level)
    }
    reached = reachable_from(forward, start)
    return any(graph.states[name].kind == "Fail" for name in reached & forward.keys())


def _unseen(graph: Graph, start: str, path: str | None) -> Sequence[str]:
    """A shortest route from `start` to success on which no state reads `path`."""
    waiting: deque[tuple[str, ...]] = deque([(start,)])
    seen = {start}
    while waiting:
        way = waiting.popleft()
        state = graph.states[way[-1]]
        if state.kind == "Fail" or _looks_at(state.body, path):
            continue
        for edge in _onward(graph, state):
            if edge.target == END:
                return way
            if edge.target not in seen:
                seen.add(edge.target)
                waiting.append((*way, edge.target))
    return ()


def _onward(graph: Graph, state: State) -> Iterator[Edge]:
    """Edges other than catchers: a catcher catches another error."""
    return (edge for edge in graph.leaving(state.name) if edge.kind != "catch")


def _looks_at(body: Mapping[str, Any], path: str | None) -> bool:
    """Whether a state reads the path, or passes all its data to a task."""
    if path is None:
        return False
    own = json.dumps({field: value for field, value in body.items() if field not in _NOT_READ})
    whole = body["Type"] == "Task" and "Parameters" not in body
    return whole or '"$"' in own or re.search(re.escape(path) + r"(?![\w-])", own) is not None
