"""Suggests a scenario: the route to a branch, and what tasks must answer or throw to be sent along it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from stepfunctions_local_test.states.coverage.items import MAX_ATTEMPTS, Item
from stepfunctions_local_test.states.graph import Edge, Graph, State
from stepfunctions_local_test.states.scenarios.paths import Step, lines
from stepfunctions_local_test.states.suggesting.lists import together
from stepfunctions_local_test.states.suggesting.routes import Route, catches, through
from stepfunctions_local_test.states.suggesting.sources import INPUT, Source, Unknown, chain, source
from stepfunctions_local_test.states.suggesting.templates import PRESENT, reads
from stepfunctions_local_test.states.suggesting.wishes import wishes
from stepfunctions_local_test.states.walks.errors import ALL, TASK_FAILED, TERMINAL, first_for
from stepfunctions_local_test.states.walks.reference_paths import parts

ANY_ERROR = "Some.Error"
ROUTES = 8  # that are tried
UNTIL = 999  # a task inside a map is called once for every item


@dataclass
class Suggestion:
    """A scenario file for an item, and what could not be derived."""

    item: Item
    input: dict[str, Any] = field(default_factory=dict)
    tasks: dict[str, Any] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    status: str = "SUCCEEDED"
    notes: list[str] = field(default_factory=list)
    detours: list[list[Route]] = field(default_factory=list, repr=False)
    obstacles: list[Edge | str] = field(default_factory=list, repr=False)
    wished: dict[Any, tuple[Edge, Any]] = field(default_factory=dict, repr=False)

    @property
    def content(self) -> dict[str, Any]:
        """What the file says, but for the path."""
        return {"description": f"Walks {self.item}.", "input": self.input, "tasks": self.tasks}

    def text(self) -> str:
        """The file."""
        notes = "".join(f"# {note}\n" for note in self.notes)
        body = yaml.safe_dump(self.content, sort_keys=False, width=110)
        walked = "\n".join(f"    {line}" for line in self.path)
        return f"{notes}{body}expect:\n  status: {self.status}\n  path:\n{walked}\n"


def suggest(graph: Graph, item: Item) -> Suggestion:
    """The scenario that walks `item`; its notes say what a person must still see to.

    The easiest route may ask for data that contradict themselves, or that a state on it never lets through; then
    another route is looked for.
    """
    wanted = _wanted(graph, item)
    first = found = _along(graph, item, through(graph, wanted))
    avoid: set[Edge | str] = set()
    while found.obstacles and len(avoid) < ROUTES:
        obstacle = found.obstacles[0]
        route = through(graph, wanted, frozenset(avoid | {obstacle}))
        if obstacle in avoid or route is None:
            return first
        avoid.add(obstacle)
        found = _along(graph, item, route)
    return first if found.obstacles else found


def _along(graph: Graph, item: Item, route: Route | None) -> Suggestion:
    found = Suggestion(item)
    if route is None:
        found.notes.append(f"no way leads to {item.state} and out again: is it reachable?")
        return found
    errors = {state: _error(graph, edge, item) for state, edge in catches(route).items()}
    for routes in chain(route):
        _answer(graph, routes[-1], errors, found)
    _throw(graph, item, found)
    for routes in (*found.detours, *chain(route)):  # what an inner level wishes for counts more
        _wish(graph, routes, found)
    for routes in chain(route):
        _need(graph, routes, found)
    found.path = lines(_steps(route))
    last = graph.states[route.states[-1]]
    found.status = "FAILED" if last.kind == "Fail" else "SUCCEEDED"
    return found


def _wanted(graph: Graph, item: Item) -> Edge | str:
    """The edge that an item is about, else its state."""
    leaving = graph.leaving(item.state)
    if item.group == "transitions":
        return next(edge for edge in leaving if str(edge) == item.text)
    if item.group == "catches":
        return next(edge for edge in leaving if edge.kind == "catch" and edge.index + 1 == item.number)
    if item.group == "rules" and item.what == "true":
        return next(edge for edge in leaving if edge.kind == "choice" and edge.index + 1 == item.number)
    if item.group == "rules":
        later = [edge for edge in leaving if edge.kind == "default" or edge.index + 1 > item.number]
        return next((edge for edge in later if edge.kind == "default"), later[-1] if later else item.state)
    if item.group == "retries" and item.what == "gives up":
        caught = [edge for edge in leaving if edge.kind == "catch" and _covers(graph, edge, item)]
        return caught[0] if caught else item.state
    return item.state


def _covers(graph: Graph, edge: Edge, item: Item) -> bool:
    error = _thrown(graph.states[item.state].body["Retry"][item.number - 1]["ErrorEquals"][0])
    by = first_for(graph.states[item.state].body["Catch"], error)
    return by is not None and by[0] == edge.index


def _thrown(name: str) -> str:
    return ANY_ERROR if name in (ALL, TASK_FAILED) else name


def _error(graph: Graph, edge: Edge, item: Item) -> str:
    """The error that is caught on an edge."""
    if item.state == edge.source and item.group == "catches":
        return _thrown(item.what)
    if item.state == edge.source and item.group == "retries":
        retrier = graph.states[item.state].body["Retry"][item.number - 1]
        return _thrown(retrier["ErrorEquals"][0])
    return _thrown(graph.states[edge.source].body["Catch"][edge.index]["ErrorEquals"][0])


def _answer(graph: Graph, route: Route, errors: Mapping[str, str], found: Suggestion) -> None:
    """An answer for every task of a level, an error where the route needs one."""
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
    """Let a task inside a map or parallel state fail so that nothing inside catches it."""
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
        "let the results of its items be together larger than 262,144 bytes"
        if error in TERMINAL
        else ("no task inside lets an error through; if nothing else can, give an exception with the reason")
    )
    found.notes.append(f"{owner.name} must fail with {error}: {why}")


def _lead_to(graph: Graph, state: State, owner: State, found: Suggestion) -> None:
    """Give every map on the way to a task inside `owner` an item, and the tasks before it an answer."""
    route = through(graph, state.name)
    for routes in chain(route) if route else ():
        if owner.name in routes[-1].level:
            _answer(graph, routes[-1], {}, found)
        found.detours.append(routes)


def _throw(graph: Graph, item: Item, found: Suggestion) -> None:
    """The attempts of an item about a retrier."""
    if item.group != "retries" or graph.states[item.state].kind != "Task":
        return
    state = graph.states[item.state]
    retrier = state.body["Retry"][item.number - 1]
    if item.what == "gives up":
        found.tasks[item.state] = _failing(state, _thrown(retrier["ErrorEquals"][0]))
        return
    name = item.what.removeprefix("on ") if item.what.startswith("on ") else retrier["ErrorEquals"][0]
    good = found.tasks.get(item.state, {}).get("0") or {"Return": _empty(state)}
    last = f"1-{UNTIL}" if state.level else "1"
    found.tasks[item.state] = {"0": _throws(_thrown(name)), last: good}


def _wish(graph: Graph, routes: list[Route], found: Suggestion) -> None:
    """Answers that lead every choice of a level the right way, and give a map that is entered an item."""
    route = routes[-1]
    for edge in route.edges:
        if edge.kind in ("choice", "default"):
            rules = graph.states[edge.source].body["Choices"]
            last = edge.index if edge.kind == "choice" else len(rules)
            for number, rule in enumerate(rules[: last + 1]):
                for path, value in wishes(rule, number == last and edge.kind == "choice"):
                    _choose(graph, routes, edge, path, value, found)
    if route.inside and graph.states[route.inside].kind == "Map":
        items = graph.states[route.inside].body.get("ItemsPath", "$")
        with suppress(Unknown):
            _fill(source(graph, routes, route.inside, items, ["item"]), found)


def _choose(graph: Graph, routes: list[Route], edge: Edge, path: str, value: Any, found: Suggestion) -> None:
    """One value that a choice needs; what stands in the way is noted."""
    try:
        made = source(graph, routes, edge.source, path, value)
    except Unknown as unknown:
        wanted = "there" if value is ... else repr(value)
        found.notes.append(f"{edge.source} needs {path} to be {wanted}: {unknown}")
        found.obstacles += [unknown.state] if unknown.state else []
        return
    other, before = found.wished.get((made.task, made.place), (edge, value))
    same_level = graph.states[other.source].level == graph.states[edge.source].level
    if (
        other.source != edge.source
        and same_level
        and before != made.value
        and ... not in (before, made.value)
    ):
        found.obstacles += [edge]
    if made.value is not ...:
        found.wished[made.task, made.place] = (edge, made.value)
    _fill(made, found)


def _need(graph: Graph, routes: list[Route], found: Suggestion) -> None:
    """Whatever the states of a level read must lie there, and what maps go through must be a list."""
    bodies = {name: graph.states[name].body for name in routes[-1].states}
    for name, body in bodies.items():
        if body["Type"] == "Map":
            _present(graph, routes, name, body.get("ItemsPath", "$"), [], found)
    for name, body in bodies.items():
        if body["Type"] == "Task":
            for path, value in reads(body.get("ResultSelector")):
                _fill(Source(name, tuple(parts(path)), value), found, only_if_empty=True)
        for path, value in (*reads(body.get("Parameters")), *reads(body.get("ItemSelector"))):
            _present(graph, routes, name, path, value, found)


def _present(graph: Graph, routes: list[Route], state: str, path: str, value: Any, found: Suggestion) -> None:
    with suppress(Unknown):
        _fill(source(graph, routes, state, path, value), found, only_if_empty=True)


def _fill(made: Source, found: Suggestion, *, only_if_empty: bool = False) -> None:
    """Put a value where its source has it: into the input, or into every answer of a task."""
    if made.task == INPUT:
        _put(found.input, made, only_if_empty)
        return
    for attempt in found.tasks.get(made.task, {}).values():
        if "Return" in attempt:
            _put(attempt["Return"], made, only_if_empty)


def _put(answer: dict[str, Any], made: Source, only_if_empty: bool) -> None:
    *around, last = made.place or ("value",)
    here: Any = answer
    for part in around:
        here = here.setdefault(part, {}) if isinstance(here, dict) else {}
    if not isinstance(here, dict):
        return
    if isinstance(here.get(last), list) and isinstance(made.value, list):
        here[last] = together(here[last], made.value)
    elif last not in here or not (only_if_empty or made.value is ...):
        here[last] = PRESENT if made.value is ... else made.value


def _steps(route: Route) -> tuple[Step, ...]:
    return tuple(
        Step(name, (_steps(route.inner),)) if name == route.inside and route.inner else Step(name)
        for name in route.states
    )
