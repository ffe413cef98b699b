"""Positions of all elements. Written order is running order: the states of a level are drawn one below the other.

A map is a box around its states. The lines in a box are its ways out that need a word: the rules of a choice leave
to the right, what is caught leaves to the left. A way to the state written next is straight, every other one runs
in a lane beside its level; ways to the same state on the same side share a lane.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from local_aws.asl import Level
from stepfunctions_local_test.drawing.lanes import lanes
from stepfunctions_local_test.drawing.words import label, shortened, subtitle
from stepfunctions_local_test.graph import END, Edge, Graph, State

Side = Literal["left", "right"]
Point = tuple[float, float]

HEADER = 44.0
LINE = 17.0
GAP = 30.0
PADDING = 14.0
PORT_IN = 11.0  # below a box's top: where ways from the side arrive
PORT_OUT = 25.0  # where a way on or an end leaves
LANE = 11.0
STUB = 34.0  # between a column and its first lane: room for an end's ring
_NAME_WIDTH, _SMALL_WIDTH = 8.0, 6.7  # of a character
_SMALLEST = 210.0


@dataclass(frozen=True, slots=True)
class Line:
    """A way out that is written in its state's box, with the height at which it leaves."""

    edge: Edge
    text: str
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A state's place; a container's holds other levels below its lines."""

    state: State
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Line, ...]
    container: bool

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an edge, corner by corner; of an end only where it leaves and where its ring is."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes in written order, containers before what they hold; `starts` are the dots of the levels."""

    boxes: dict[str, Box]
    routes: tuple[Route, ...]
    starts: tuple[Point, ...]
    width: float
    height: float


def layout(graph: Graph) -> Layout:
    """The places of a graph's states and edges. The same for the same graph."""
    return _Layout(graph).made()


def side(edge: Edge) -> Side:
    """Caught errors run on the left, other edges on the right."""
    return "left" if edge.kind == "catch" else "right"


def inner_levels(graph: Graph, state: State) -> list[Level]:
    """The levels right inside a map or parallel state."""
    return [
        level
        for level in graph.starts
        if level[:-1] == state.level and level and level[-1].partition("[")[0] == state.name
    ]


class _Layout:
    """Heights from top to bottom, then lanes, then widths from the inside, then places from the outside."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tops: dict[str, tuple[float, float]] = {}
        self.lanes: dict[tuple[Level, Side], dict[str, int]] = {}
        self.boxes: dict[str, Box] = {}
        self.starts: list[Point] = []

    def made(self) -> Layout:
        height = self._heights((), 0.0)
        for level in self.graph.starts:
            for where in ("left", "right"):
                self.lanes[level, where] = lanes(self._intervals(level, where))
        self._place((), 0.0)
        routes = tuple(self._route(edge) for edge in self.graph.edges)
        order = {name: self.boxes[name] for name in self.graph.states}
        return Layout(order, routes, tuple(self.starts), self._width(()), height)

    def _heights(self, level: Level, top: float) -> float:
        y = top + GAP
        for state in self.graph.inside(level):
            bottom = y + HEADER + LINE * len(self._worded(state)) + (6 if self._worded(state) else 0)
            for inner in inner_levels(self.graph, state):
                bottom = self._heights(inner, bottom)
            self.tops[state.name] = (y, bottom - y)
            y = bottom + GAP
        return y - GAP + PADDING

    def _worded(self, state: State) -> list[Edge]:
        return [
            edge for edge in self.graph.leaving(state.name) if edge.kind in ("choice", "default", "catch")
        ]

    def _leaves_at(self, edge: Edge) -> float:
        state = self.graph.states[edge.source]
        top = self.tops[edge.source][0]
        worded = self._worded(state)
        return top + HEADER + LINE * (worded.index(edge) + 0.5) if edge in worded else top + PORT_OUT

    def _is_straight(self, edge: Edge) -> bool:
        names = [state.name for state in self.graph.inside(self.graph.states[edge.source].level)]
        following = names.index(edge.source) + 1
        return edge.kind == "next" and following < len(names) and names[following] == edge.target

    def _in_lane(self, level: Level, where: Side) -> Iterator[Edge]:
        for edge in self.graph.edges:
            in_level = self.graph.states[edge.source].level == level and edge.target != END
            if in_level and side(edge) == where and not self._is_straight(edge):
                yield edge

    def _intervals(self, level: Level, where: Side) -> dict[str, tuple[float, float]]:
        heights: dict[str, list[float]] = {}
        for edge in self._in_lane(level, where):
            arrives = self.tops[edge.target][0] + PORT_IN
            heights.setdefault(edge.target, [arrives]).append(self._leaves_at(edge))
        return {target: (min(ys), max(ys)) for target, ys in heights.items()}

    def _beside(self, level: Level, where: Side) -> float:
        """The width of the lanes of a side."""
        count = max(self.lanes[level, where].values(), default=-1) + 1
        return (STUB if count or where == "right" else PADDING) + LANE * count

    def _plain_width(self, level: Level) -> float:
        return max(
            (_text_width(state, self._lines(state)) for state in self.graph.inside(level)), default=_SMALLEST
        )

    def _core(self, level: Level) -> float:
        containers = [
            self._width(inner)
            for state in self.graph.inside(level)
            for inner in inner_levels(self.graph, state)
        ]
        return max([self._plain_width(level), *containers])

    def _width(self, level: Level) -> float:
        return self._beside(level, "left") + self._core(level) + self._beside(level, "right")

    def _place(self, level: Level, x: float) -> None:
        core, plain = self._core(level), self._plain_width(level)
        start = x + self._beside(level, "left")
        for state in self.graph.inside(level):
            inner = inner_levels(self.graph, state)
            width = core if inner else plain
            top, height = self.tops[state.name]
            left = start + (core - width) / 2
            self.boxes[state.name] = Box(state, left, top, width, height, self._lines(state), bool(inner))
            for each in inner:
                self._place(each, left + (width - self._width(each)) / 2)
        first = self.boxes[self.graph.starts[level]]
        self.starts.append((first.middle, first.y - 18))

    def _lines(self, state: State) -> tuple[Line, ...]:
        return tuple(
            Line(edge, shortened(label(state, edge)), self._leaves_at(edge)) for edge in self._worded(state)
        )

    def _route(self, edge: Edge) -> Route:
        box, y = self.boxes[edge.source], self._leaves_at(edge)
        if edge.target == END:
            return Route(edge, ((box.x + box.width, y), (box.x + box.width + STUB / 2, y)))
        target = self.boxes[edge.target]
        if self._is_straight(edge):
            return Route(edge, ((box.middle, box.bottom), (target.middle, target.y)))
        lane = self._lane_x(box.state.level, edge)
        leaves, arrives = (
            (box.x, target.x) if side(edge) == "left" else (box.x + box.width, target.x + target.width)
        )
        down = target.y + PORT_IN
        return Route(edge, ((leaves, y), (lane, y), (lane, down), (arrives, down)))

    def _lane_x(self, level: Level, edge: Edge) -> float:
        boxes = [self.boxes[state.name] for state in self.graph.inside(level)]
        number = self.lanes[level, side(edge)][edge.target]
        core, middle = self._core(level), boxes[0].middle
        distance = core / 2 + STUB + LANE * number
        return middle - distance if side(edge) == "left" else middle + distance


def _text_width(state: State, lines: tuple[Line, ...]) -> float:
    texts = [
        len(state.name) * _NAME_WIDTH,
        *(len(text) * _SMALL_WIDTH for text in (subtitle(state), *(line.text for line in lines))),
    ]
    return max(_SMALLEST, max(texts) + 2 * PADDING + 8)
