"""Can every state be reached, and does every reachable state have a route to an end?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from local_aws.asl import Level
from stepfunctions_local_test.checks.finding import ENDLESS, UNREACHABLE, Finding
from stepfunctions_local_test.graph import END, Graph

Neighbours = Mapping[str, Collection[str]]


def problems(graph: Graph) -> Iterator[Finding]:
    """Unreachable states, and states without a route to an end of their level."""
    for level, start in graph.starts.items():
        forward = {state.name: [e.target for e in graph.leaving(state.name)] for state in graph.inside(level)}
        reached = reachable_from(forward, start)
        for name in forward:
            if name not in reached:
                message = f"no route leads here from '{start}'; link it or remove it"
                yield Finding(UNREACHABLE, graph.name, name, message)
        ending = reachable_from(_backward(forward), END)
        lost = [name for name in forward if name in reached and name not in ending]
        if lost:
            yield Finding(ENDLESS, graph.name, lost[0], _endless(level, lost))


def reachable_from(neighbours: Neighbours, start: str) -> set[str]:
    """All states reachable from `start`, including itself."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(neighbours.get(name, ()))
    return reached


def _backward(forward: Neighbours) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for source, targets in forward.items():
        for target in targets:
            found.setdefault(target, []).append(source)
    return found


def _endless(level: Level, lost: list[str]) -> str:
    whose = f"an item of '{level[-1]}'" if level else "the execution"
    circle = f"{', '.join(lost)} lead only to each other" if len(lost) > 1 else "it leads only to itself"
    return f"from here {whose} can never end ({circle}); give it a way to an end"
