"""A state machine as a graph: states with the maps around them, and edges between states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from local_aws.asl import Level, levels

Kind = Literal["next", "choice", "default", "catch", "end"]

# The target of an edge that leaves its level: the end of the execution, or of one item of a map.
END = "(end)"


@dataclass(frozen=True, slots=True)
class State:
    """A state of any level; `level` names the maps and branches around it (`("Groups", "Tables")`, `("Both[0]",)`)."""

    name: str
    body: Mapping[str, Any] = field(repr=False, hash=False, compare=False)
    level: Level

    @property
    def kind(self) -> str:
        """Task, Pass, Choice, Wait, Map, Parallel, Succeed or Fail."""
        return str(self.body["Type"])


@dataclass(frozen=True, slots=True)
class Edge:
    """A transition from a state to another one on its level; `index` counts choice rules and catchers from 0."""

    source: str
    target: str
    kind: Kind
    index: int = 0

    def __str__(self) -> str:
        which = f" {self.index + 1}" if self.kind in ("choice", "catch") else ""
        return f"{self.source} -> {self.target} ({self.kind}{which})"


@dataclass(frozen=True, slots=True)
class Graph:
    """States and edges in written order; names are unique in a machine, as Step Functions requires."""

    name: str
    definition: Mapping[str, Any] = field(repr=False, hash=False, compare=False)
    states: Mapping[str, State]
    edges: tuple[Edge, ...]
    starts: Mapping[Level, str]

    @classmethod
    def of(cls, name: str, definition: Mapping[str, Any]) -> Graph:
        """The graph of a definition (Amazon States Language, JSONPath)."""
        states: dict[str, State] = {}
        starts: dict[Level, str] = {}
        for level, machine in levels(definition):
            starts[level] = machine["StartAt"]
            for state_name, body in machine["States"].items():
                states[state_name] = State(state_name, body, level)
        edges = tuple(edge for state in states.values() for edge in edges_of(state))
        return cls(name, definition, states, edges, starts)

    def leaving(self, name: str) -> tuple[Edge, ...]:
        """The edges out of a state."""
        return tuple(edge for edge in self.edges if edge.source == name)

    def inside(self, level: Level) -> tuple[State, ...]:
        """The states of one level, not of the levels in it."""
        return tuple(state for state in self.states.values() if state.level == level)


def edges_of(state: State) -> Iterator[Edge]:
    """All edges out of a state: rules, default, next state or end, catchers."""
    body = state.body
    for number, rule in enumerate(body.get("Choices", ())):
        yield Edge(state.name, rule["Next"], "choice", number)
    if "Default" in body:
        yield Edge(state.name, body["Default"], "default")
    if "Next" in body:
        yield Edge(state.name, body["Next"], "next")
    elif body.get("End") or state.kind in ("Succeed", "Fail"):
        yield Edge(state.name, END, "end")
    for number, catcher in enumerate(body.get("Catch", ())):
        yield Edge(state.name, catcher["Next"], "catch", number)
