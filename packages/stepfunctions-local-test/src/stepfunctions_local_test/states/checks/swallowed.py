"""Is a caught error still one in the end? A catch from which only success can be reached makes a failure look good.

In a map's item that is often meant: the error becomes the item's result, and somebody judges the results later. So
it is reported and accepted with a reason, which says who judges.
"""

from __future__ import annotations

from collections.abc import Iterator

from stepfunctions_local_test.states.checks.finding import SWALLOWED, Finding
from stepfunctions_local_test.states.checks.reachable import walk
from stepfunctions_local_test.states.graph import Edge, Graph, State


def problems(graph: Graph) -> Iterator[Finding]:
    """One finding per state and target: the errors, where they go, and whether the data keeps them."""
    for state in graph.states.values():
        catches = [edge for edge in graph.leaving(state.name) if edge.kind == "catch"]
        for target in dict.fromkeys(edge.target for edge in catches):
            if not _can_fail(graph, target):
                swallowing = [edge for edge in catches if edge.target == target]
                yield Finding(SWALLOWED, graph.name, state.name, _message(state, swallowing))
        if state.body.get("ToleratedFailurePercentage") == 100:
            message = (
                "ToleratedFailurePercentage is 100: every item may fail and the map still succeeds; lower it"
            )
            yield Finding(SWALLOWED, graph.name, state.name, message)


def _can_fail(graph: Graph, start: str) -> bool:
    level = graph.states[start].level
    forward = {
        state.name: [edge.target for edge in graph.leaving(state.name)] for state in graph.inside(level)
    }
    reached = walk(forward, start)
    return any(graph.states[name].kind == "Fail" for name in reached & forward.keys())


def _message(state: State, catches: list[Edge]) -> str:
    catchers = [state.body["Catch"][edge.index] for edge in catches]
    errors = ", ".join(error for catcher in catchers for error in catcher["ErrorEquals"])
    whose = f"an item of '{state.level[-1]}'" if state.level else "the execution"
    paths = {catcher.get("ResultPath", "$") for catcher in catchers}
    kept = ", ".join(sorted(path for path in paths if path is not None))
    data = f"the error is left at {kept}" if kept else "the error is thrown away"
    return (
        f"catches {errors} and goes to '{catches[0].target}', from where {whose} can only succeed ({data}); "
        "lead it to a Fail, or accept it and say who judges"
    )
