"""The answers and errors of tasks along a route."""

from collections.abc import Mapping
from typing import Any

from stepfunctions_local_test.coverage.items import MAX_ATTEMPTS, Item
from stepfunctions_local_test.graph import Graph, State
from stepfunctions_local_test.history.errors import ALL, TASK_FAILED, TERMINAL, first_for
from stepfunctions_local_test.suggestions.routes import Route, through
from stepfunctions_local_test.suggestions.sources import chain
from stepfunctions_local_test.suggestions.suggestion import Suggestion

ANY_ERROR = "Some.Error"
UNTIL = 999  # attempts; a task inside a map is called once per item


def answer(graph: Graph, route: Route, errors: Mapping[str, str], found: Suggestion) -> None:
    """Add an answer for every task of a level, or an error where the route needs one."""
    for name in route.states:
        state = graph.states[name]
        if name in errors and state.kind == "Task":
            found.tasks[name] = _failing(state, errors[name])
        elif name in errors:
            _fail_inside(graph, state, errors[name], found)
        elif state.kind == "Task":
            found.tasks[name] = {f"0-{UNTIL}" if state.level else "0": {"Return": _empty(state)}}


def _empty(state: State) -> dict[str, Any]:
    invokes = str(state.body["Resource"]).endswith(":lambda:invoke")
    return {"StatusCode": 200, "Payload": {}} if invokes else {}


def _throws(error: str) -> dict[str, Any]:
    return {"Throw": {"Error": error, "Cause": "because"}}


def _failing(state: State, error: str) -> dict[str, Any]:
    """Attempts that throw until no retry is left."""
    retriers = state.body.get("Retry", ())
    by = first_for(retriers, error)
    retries = retriers[by[0]].get("MaxAttempts", MAX_ATTEMPTS) if by else 0
    last = UNTIL if state.level else retries
    return {"0" if last == 0 else f"0-{last}": _throws(error)}


def _fail_inside(graph: Graph, owner: State, error: str, found: Suggestion) -> None:
    """Make a task inside a map or parallel state fail with an error that nothing inside catches."""
    for state in graph.states.values():
        around = [name.partition("[")[0] for name in state.level]
        if (
            state.kind == "Task"
            and owner.name in around
            and not first_for(state.body.get("Catch", ()), error)
        ):
            _lead_to(graph, state, owner, found)
            found.tasks[state.name] = _failing(state, error)
            return
    why = (
        "make the results of its items larger than 262,144 bytes in total"
        if error in TERMINAL
        else (
            "no task inside lets an error through; if there is no other way, add an exception with the reason"
        )
    )
    found.notes.append(f"{owner.name} must fail with {error}: {why}")


def _lead_to(graph: Graph, state: State, owner: State, found: Suggestion) -> None:
    """Add an item to every map on the route to a task inside `owner`, and answers to the tasks before it."""
    route = through(graph, state.name)
    for routes in chain(route) if route else ():
        if owner.name in routes[-1].level:
            answer(graph, routes[-1], {}, found)
        found.detours.append(routes)


def throw(graph: Graph, item: Item, found: Suggestion) -> None:
    """Add the attempts that cover an item of a retrier."""
    if item.group != "retries" or graph.states[item.state].kind != "Task":
        return
    state = graph.states[item.state]
    retrier = state.body["Retry"][item.number - 1]
    if item.what == "gives up":
        found.tasks[item.state] = _failing(state, thrown(retrier["ErrorEquals"][0]))
        return
    name = item.what.removeprefix("on ") if item.what.startswith("on ") else retrier["ErrorEquals"][0]
    good = found.tasks.get(item.state, {}).get("0") or {"Return": _empty(state)}
    last = f"1-{UNTIL}" if state.level else "1"
    found.tasks[item.state] = {"0": _throws(thrown(name)), last: good}


def thrown(name: str) -> str:
    return ANY_ERROR if name in (ALL, TASK_FAILED) else name
