"""Adds values to input and answers: choices must take the route, and no path that a state reads may be missing."""

from contextlib import suppress
from typing import Any

from stepfunctions_local_test.graph import Edge, Graph
from stepfunctions_local_test.history.reference_paths import parts
from stepfunctions_local_test.suggestions.lists import together
from stepfunctions_local_test.suggestions.routes import Route
from stepfunctions_local_test.suggestions.rule_inputs import rule_inputs
from stepfunctions_local_test.suggestions.sources import INPUT, Source, Unknown, source
from stepfunctions_local_test.suggestions.suggestion import Suggestion
from stepfunctions_local_test.suggestions.templates import PRESENT, reads


def add_choice_inputs(graph: Graph, routes: list[Route], found: Suggestion) -> None:
    """Add the values that make each choice of a level take the route, and an item for an entered map."""
    route = routes[-1]
    for edge in route.edges:
        if edge.kind in ("choice", "default"):
            rules = graph.states[edge.source].body["Choices"]
            last = edge.index if edge.kind == "choice" else len(rules)
            for number, rule in enumerate(rules[: last + 1]):
                for path, value in rule_inputs(rule, number == last and edge.kind == "choice"):
                    _choose(graph, routes, edge, path, value, found)
    if route.inside and graph.states[route.inside].kind == "Map":
        items = graph.states[route.inside].body.get("ItemsPath", "$")
        with suppress(Unknown):
            _fill(source(graph, routes, route.inside, items, ["item"]), found)


def _choose(graph: Graph, routes: list[Route], edge: Edge, path: str, value: Any, found: Suggestion) -> None:
    """Add one value that a choice needs; note an obstacle."""
    try:
        made = source(graph, routes, edge.source, path, value)
    except Unknown as unknown:
        wanted = "there" if value is ... else repr(value)
        found.notes.append(f"{edge.source} needs {path} to be {wanted}: {unknown}")
        found.obstacles += [unknown.state] if unknown.state else []
        return
    other, before = found.choice_inputs.get((made.task, made.place), (edge, value))
    same_level = graph.states[other.source].level == graph.states[edge.source].level
    if (
        other.source != edge.source
        and same_level
        and before != made.value
        and ... not in (before, made.value)
    ):
        found.obstacles += [edge]
    if made.value is not ...:
        found.choice_inputs[made.task, made.place] = (edge, made.value)
    _fill(made, found)


def add_required_values(graph: Graph, routes: list[Route], found: Suggestion) -> None:
    """Add the values that the states of a level read, and the lists of maps."""
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
    """Put a value into its source: the input, or every answer of a task."""
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
