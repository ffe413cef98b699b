"""Replays the history of an execution into a tree of visits to states; each item of a map has a sequence of its own.

Items run concurrently and their events interleave; `previousEventId` assigns each event to its sequence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local_aws.asl import Level
from stepfunctions_local_test.errors import StatesError
from stepfunctions_local_test.graph import Graph

Event = Mapping[str, Any]
ENTERED, EXITED = "StateEntered", "StateExited"


class ReplayError(StatesError):
    """A history that does not match its machine."""


@dataclass(eq=False)
class Visit:
    """One visit to a state: its input, events and output (None while the state was not left)."""

    state: str
    given: str
    frame: "Frame"
    events: list[Event] = field(default_factory=list)
    items: "list[Frame]" = field(default_factory=list)
    result: str | None = None
    left: bool = False


@dataclass(eq=False)
class Frame:
    """A sequence of visits on one level: an execution, an item of a map, or a branch of a parallel state."""

    level: Level
    owner: Visit | None = None
    index: int = 0
    visits: list[Visit] = field(default_factory=list)

    @property
    def current(self) -> Visit | None:
        """The last visit of the sequence."""
        return self.visits[-1] if self.visits else None

    def around(self) -> "Iterator[Frame]":
        """This sequence and the enclosing ones, the innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.owner.frame if frame.owner else None


@dataclass(eq=False)
class Replay:
    """The replay of an execution."""

    graph: Graph
    root: Frame
    events: Sequence[Event]

    def visits(self, frame: Frame | None = None) -> Iterator[Visit]:
        """All visits; visits of items follow their map."""
        for visit in (frame or self.root).visits:
            yield visit
            for item in visit.items:
                yield from self.visits(item)


def replay(graph: Graph, events: Sequence[Event]) -> Replay:
    """Replay a complete history, oldest event first. Raises ReplayError for states that are not in the machine."""
    return _Reader(graph).read(events)


class _Reader:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._root = Frame(())
        self._places: dict[int, Frame] = {0: self._root}

    def read(self, events: Sequence[Event]) -> Replay:
        for event in events:
            before = self._places.get(event.get("previousEventId", 0), self._root)
            self._places[event["id"]] = self._place(event, before)
        return Replay(self._graph, self._root, events)

    def _place(self, event: Event, before: Frame) -> Frame:
        kind: str = event["type"]
        if kind.endswith(ENTERED):
            return self._enter(event, before)
        if kind.endswith(EXITED):
            return self._leave(event["stateExitedEventDetails"], before)
        if kind == "MapIterationStarted":
            details = event["mapIterationStartedEventDetails"]
            return self._open(self._map(details["name"], before), details["index"])
        if kind.startswith(("MapState", "ParallelState")):
            return self._of_container(event, before)
        if not kind.startswith(("Execution", "MapIteration")) and before.current:
            before.current.events.append(event)
        return before

    def _enter(self, event: Event, before: Frame) -> Frame:
        details = event["stateEnteredEventDetails"]
        state = self._graph.states.get(details["name"])
        if state is None:
            raise ReplayError(
                f"the history enters '{details['name']}', which is not a state of {self._graph.name}"
            )
        frame = next((frame for frame in before.around() if frame.level == state.level), None)
        frame = frame or self._branch(state.level, before)
        frame.visits.append(Visit(state.name, details.get("input", "null"), frame))
        return frame

    def _branch(self, level: Level, before: Frame) -> Frame:
        owner = before.current
        if owner is None or level[:-1] != before.level:
            raise ReplayError(f"the history enters a state inside {level[-1]} without being there")
        number = level[-1].removeprefix(f"{owner.state}[").removesuffix("]")
        return self._open(owner, int(number) if number.isdigit() else len(owner.items), level)

    def _open(self, owner: Visit, index: int, level: Level | None = None) -> Frame:
        frame = Frame(level or (*owner.frame.level, owner.state), owner, index)
        owner.items.append(frame)
        return frame

    def _map(self, name: str, before: Frame) -> Visit:
        for frame in before.around():
            if frame.current and frame.current.state == name:
                return frame.current
        raise ReplayError(f"the history starts an item of '{name}' without being there")

    def _leave(self, details: Mapping[str, Any], before: Frame) -> Frame:
        visit = self._map(details["name"], before)
        visit.left, visit.result = True, details.get("output")
        return visit.frame

    def _of_container(self, event: Event, before: Frame) -> Frame:
        """Assign an event of a map or parallel state; its end event may follow an event of an item."""
        word = "Map" if event["type"].startswith("Map") else "Parallel"
        begins = event["type"].endswith("Started")
        for frame in before.around():
            visit = frame.current
            if visit and self._graph.states[visit.state].kind == word and (begins or _is_open(visit)):
                visit.events.append(event)
                return frame
        return before


def _is_open(visit: Visit) -> bool:
    """Whether a map or parallel state has started (again) and not ended."""
    return bool(visit.events) and visit.events[-1]["type"].endswith("Started")
