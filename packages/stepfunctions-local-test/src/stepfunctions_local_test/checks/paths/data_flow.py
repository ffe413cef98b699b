"""Finds paths that may be missing, by a data flow analysis of the state data through the graph.

Each route is followed as long as it adds something new, shortest routes first, so a finding has a shortest route on
which the path is missing. When many different data reach a state, only their common part is followed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from local_aws.asl import Level
from stepfunctions_local_test.checks.contracts import Contracts
from stepfunctions_local_test.checks.finding import CONTRACTS, PATHS, UNKNOWN_PATHS, Finding
from stepfunctions_local_test.checks.paths.steps import Steps, context_of
from stepfunctions_local_test.checks.paths.view import View
from stepfunctions_local_test.checks.shapes import Found, Shape, cut, joined, read
from stepfunctions_local_test.graph import END, Graph, State

_DIFFERENT = 24  # different data per state before they are merged
_DEEPEST = 16  # nesting of data; without a limit a loop that wraps its input never ends

Trail = tuple[str, ...]


def missing_paths(graph: Graph, contracts: Contracts) -> Iterator[Finding]:
    """Findings for fields that read a path that may be missing or has no contract, and for contracts of unknown states."""
    for name in contracts.answers.keys() - graph.states.keys():
        message = (
            f"the contracts say what '{name}' answers, but there is no such state; take it out or correct it"
        )
        yield Finding(CONTRACTS, graph.name, name, message)
    flow = _DataFlow(graph, contracts)
    flow.explore((), contracts.input, context_of(contracts.input))
    order = list(graph.states)
    yield from sorted(flow.found.values(), key=lambda finding: order.index(finding.state))


@dataclass(frozen=True, slots=True)
class _Visit:
    state: str
    world: Shape
    trail: Trail


class _DataFlow:
    """The analysis of a machine; a step explores the levels inside maps and parallel states."""

    def __init__(self, graph: Graph, contracts: Contracts) -> None:
        self.graph = graph
        self.steps = Steps(graph, contracts, self.explore)
        self.found: dict[tuple[str, str, str], Finding] = {}
        self._done: dict[tuple[Level, Shape, Shape], tuple[Shape, ...]] = {}
        self._trail: Trail = ()

    def explore(self, level: Level, data: Shape, context: Shape) -> tuple[Shape, ...]:
        """The different outputs of a level."""
        key = (level, data, context)
        if key not in self._done:
            self._done[key] = ()
            before = self._trail
            self._done[key] = tuple(dict.fromkeys(self._outputs(level, View(data, context, _ignore))))
            self._trail = before
        return self._done[key]

    def _outputs(self, level: Level, entry: View) -> Iterator[Shape]:
        seen = _Seen()
        waiting = deque([_Visit(self.graph.starts[level], entry.world, self._trail)])
        while waiting:
            visit = waiting.popleft()
            world = seen.new(visit.state, visit.world)
            if world is None:
                continue
            state = self.graph.states[visit.state]
            self._trail = (*visit.trail, state.name)
            for edge, after in self.steps.ways(state, self._view(state, world)):
                if edge.target != END:
                    waiting.append(_Visit(edge.target, after, (*visit.trail, state.name)))
                elif state.kind != "Fail":
                    yield read(after, ("$",)).shape

    def _view(self, state: State, world: Shape) -> View:
        trail = self._trail

        def report(place: str, path: str, found: Found) -> None:
            self.found.setdefault(
                (state.name, place, path), _finding(self.graph.name, state.name, place, path, found, trail)
            )

        return View(read(world, ("$",)).shape, read(world, ("$$",)).shape, report)


class _Seen:
    """The data that reached each state of a level."""

    def __init__(self) -> None:
        self._worlds: dict[str, set[Shape]] = {}
        self._common: dict[str, Shape] = {}

    def new(self, state: str, world: Shape) -> Shape | None:
        """The world to follow: the given one, its common part with too many others, or None when it is not new."""
        known = self._worlds.setdefault(state, set())
        world = cut(world, _DEEPEST)
        if len(known) >= _DIFFERENT:
            world = joined([self._common.get(state) or joined(known), world])
            self._common[state] = world
        if world in known:
            return None
        known.add(world)
        return world


def _finding(machine: str, state: str, place: str, path: str, found: Found, trail: Trail) -> Finding:
    way = " -> ".join(trail)
    if found.trouble == "unknown":
        text = (
            f"{place} reads {path}, and no contract says whether it is present: {found.why} (route: {way}); "
            "add it to the contracts if it is certain"
        )
        return Finding(UNKNOWN_PATHS, machine, state, text)
    text = (
        f"{place} reads {path}, which may be missing: {found.why} (route: {way}); "
        "check IsPresent first, merge it over defaults with States.JsonMerge, or correct the path"
    )
    return Finding(PATHS, machine, state, text)


def _ignore(_place: str, _path: str, _found: Found) -> None:
    """Ignores reports."""
