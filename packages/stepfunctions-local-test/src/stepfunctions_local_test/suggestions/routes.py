"""The cheapest route through a state to the end; errors only when there is no other route."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field

from local_aws.asl import Level
from stepfunctions_local_test.graph import END, Edge, Graph

# The cost of an edge: a default or a rule needs data, a caught error needs a failure.
_COST = {"next": 1, "end": 1, "choice": 3, "default": 2, "catch": 20}


@dataclass(frozen=True)
class Route:
    """Edges from the start of a level to its end; `inside` is the state that contains the route of the next level."""

    level: Level
    edges: tuple[Edge, ...]
    inside: str | None = None
    inner: "Route | None" = field(default=None)

    @property
    def states(self) -> tuple[str, ...]:
        """The states of this level, in order."""
        return tuple(edge.source for edge in self.edges)


Avoided = frozenset[Edge | str]


def through(graph: Graph, wanted: Edge | str, avoid: Avoided = frozenset()) -> Route | None:
    """The cheapest route that takes an edge or enters a state; None when there is none.

    It does not use the edges and states to avoid.
    """
    state = wanted if isinstance(wanted, str) else wanted.source
    level = graph.states[state].level
    inner = _on_level(graph, level, state, wanted if isinstance(wanted, Edge) else None, avoid)
    while inner is not None and level:
        owner = level[-1].partition("[")[0]
        level = level[:-1]
        outer = _on_level(graph, level, owner, None, avoid)
        inner = outer and Route(level, outer.edges, owner, inner)
    return inner


def _on_level(graph: Graph, level: Level, state: str, edge: Edge | None, avoid: Avoided) -> Route | None:
    before = _cheapest(graph, graph.starts[level], state, avoid)
    after = _cheapest(graph, edge.target if edge else state, END, avoid)
    if before is None or after is None:
        return None
    return Route(level, (*before, *([edge] if edge else ()), *after))


def _cheapest(graph: Graph, start: str, goal: str, avoid: Avoided) -> tuple[Edge, ...] | None:
    """Dijkstra over the edges of one level."""
    waiting: list[tuple[int, int, str, tuple[Edge, ...]]] = [(0, 0, start, ())]
    done: set[str] = set()
    count = 0
    while waiting:
        cost, _, state, edges = heapq.heappop(waiting)
        if state == goal:
            return edges
        if state in done:
            continue
        done.add(state)
        for edge in graph.leaving(state):
            if edge in avoid or edge.target in avoid:
                continue
            count += 1
            heapq.heappush(waiting, (cost + _COST[edge.kind], count, edge.target, (*edges, edge)))
    return None


def catches(route: Route | None) -> Mapping[str, Edge]:
    """The errors on a route: state -> the catch edge that is taken."""
    found: dict[str, Edge] = {}
    while route is not None:
        found |= {edge.source: edge for edge in route.edges if edge.kind == "catch"}
        route = route.inner
    return found
