"""Suggests a scenario: the route to a branch, and the answers and errors of tasks that lead along it."""

from stepfunctions_local_test.coverage.items import Item
from stepfunctions_local_test.graph import Edge, Graph
from stepfunctions_local_test.history.errors import first_for
from stepfunctions_local_test.scenarios.paths import Step, lines
from stepfunctions_local_test.suggestions.attempts import answer, throw, thrown
from stepfunctions_local_test.suggestions.data import add_choice_inputs, add_required_values
from stepfunctions_local_test.suggestions.routes import Route, catches, through
from stepfunctions_local_test.suggestions.sources import chain
from stepfunctions_local_test.suggestions.suggestion import Suggestion

ROUTES = 8  # the number of routes to try


def suggest(graph: Graph, item: Item) -> Suggestion:
    """A scenario that covers `item`; its notes say what is left to do by hand.

    The cheapest route may need contradictory data, or data that one of its states drops; then another route is tried.
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
        found.notes.append(f"no route leads through {item.state} to the end: is it reachable?")
        return found
    errors = {state: _error(graph, edge, item) for state, edge in catches(route).items()}
    for routes in chain(route):
        answer(graph, routes[-1], errors, found)
    throw(graph, item, found)
    for routes in (*found.detours, *chain(route)):  # values of inner levels override those of outer ones
        add_choice_inputs(graph, routes, found)
    for routes in chain(route):
        add_required_values(graph, routes, found)
    found.path = lines(_steps(route))
    last = graph.states[route.states[-1]]
    found.status = "FAILED" if last.kind == "Fail" else "SUCCEEDED"
    return found


def _wanted(graph: Graph, item: Item) -> Edge | str:
    """The edge of an item, else its state."""
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
    error = thrown(graph.states[item.state].body["Retry"][item.number - 1]["ErrorEquals"][0])
    by = first_for(graph.states[item.state].body["Catch"], error)
    return by is not None and by[0] == edge.index


def _error(graph: Graph, edge: Edge, item: Item) -> str:
    """The error that an edge catches."""
    if item.state == edge.source and item.group == "catches":
        return thrown(item.what)
    if item.state == edge.source and item.group == "retries":
        retrier = graph.states[item.state].body["Retry"][item.number - 1]
        return thrown(retrier["ErrorEquals"][0])
    return thrown(graph.states[edge.source].body["Catch"][edge.index]["ErrorEquals"][0])


def _steps(route: Route) -> tuple[Step, ...]:
    return tuple(
        Step(name, (_steps(route.inner),)) if name == route.inside and route.inner else Step(name)
        for name in route.states
    )
