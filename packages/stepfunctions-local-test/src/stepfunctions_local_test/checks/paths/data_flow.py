"""Paths that may be missing: the state data is followed through the graph as what is surely known of it.

Every way is followed on its own as long as it brings something new, shortest ways first, so a finding comes with a
shortest way on which the path is missing. Where a state has been come to with many different data, what they have
in common is followed instead.
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

_DIFFERENT = 24  # data per state that are followed each on its own
_DEEPEST = 16  # nesting of data; a loop that wraps its input would never end otherwise

Trail = tuple[str, ...]


def missing_paths(graph: Graph, contracts: Contracts) -> Iterator[Finding]:
    """Every field that reads a path which may be missing or which nobody promises, and contracts of no state."""
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
    """The exploration of a whole machine; maps and parallel states are levels explored from inside a step."""

    def __init__(self, graph: Graph, contracts: Contracts) -> None:
        self.graph = graph
        self.steps = Steps(graph, contracts, self.explore)
        self.found: dict[tuple[str, str, str], Finding] = {}
        self._done: dict[tuple[Level, Shape, Shape], tuple[Shape, ...]] = {}
        self._trail: Trail = ()

    def explore(self, level: Level, data: Shape, context: Shape) -> tuple[Shape, ...]:
        """The different outputs of a level's ends."""
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
    """What every state of a level has been come to with."""

    def __init__(self) -> None:
        self._worlds: dict[str, set[Shape]] = {}
        self._common: dict[str, Shape] = {}

    def new(self, state: str, world: Shape) -> Shape | None:
        """What to follow: the world itself, what it has in common with too many others, or nothing new."""
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
            f"{place} reads {path}, and nobody knows whether it is there: {found.why} (way: {way}); "
            "write what is sure into the contracts"
        )
        return Finding(UNKNOWN_PATHS, machine, state, text)
    text = (
        f"{place} reads {path}, which may be missing: {found.why} (way: {way}); "
        "ask IsPresent first, lay it over defaults with States.JsonMerge, or correct the path"
    )
    return Finding(PATHS, machine, state, text)


def _ignore(_place: str, _path: str, _found: Found) -> None:
    """Nothing is read through such a view."""
