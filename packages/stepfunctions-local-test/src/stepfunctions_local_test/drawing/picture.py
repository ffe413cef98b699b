"""Writes the layout as SVG: real text, one path per edge, no script, font or binary data."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from importlib.resources import files
from xml.sax.saxutils import escape, quoteattr

from stepfunctions_local_test.drawing.layout import HEADER, Box, Layout, Line, Point, Route, layout, side
from stepfunctions_local_test.drawing.words import label, subtitle
from stepfunctions_local_test.graph import END, Edge, Graph, State

_MARGIN = 24.0
_TITLE = 34.0
_TITLE_WIDTH = 10.0  # of a character
_LEGEND = 30.0
_CORNER = 6.0
_TYPES = ("Task", "Pass", "Choice", "Wait", "Map", "Parallel", "Succeed", "Fail")
_WAYS = {"next": "goes on", "choice": "rule holds", "catch": "error caught"}
# The keys are classes of style.css, which is part of every committed drawing.
_COVERED = {"walked": "covered", "unwalked": "not covered"}
_ROUND = {"Pass": 12, "Succeed": 21, "Fail": 21, "Wait": 12}


def svg(graph: Graph, covered: frozenset[Edge] | None = None, title: str | None = None) -> str:
    """A machine as SVG. With `covered`, these edges are green and the others red and dashed; the title counts them.

    Raises ValueError for a covered edge that is not in the graph.
    """
    _refuse_strange(graph, covered)
    plan = layout(graph)
    heading = _heading(graph, covered, title or graph.name)
    height = plan.height + 2 * _MARGIN + _TITLE + _LEGEND
    legend, legend_width = _legend(graph, covered, height - _MARGIN)
    width = max(plan.width, legend_width, _TITLE_WIDTH * len(heading)) + 2 * _MARGIN
    parts = [
        _tag("rect", x=0.5, y=0.5, width=width - 1, height=height - 1, rx=10, **{"class": "paper"}),
        _text(_MARGIN, _MARGIN + 14, heading, "title"),
        f'<g transform="translate({_number((width - plan.width) / 2)} {_number(_MARGIN + _TITLE)})">',
        *_drawn(plan, covered),
        "</g>",
        *legend,
    ]
    style = files("stepfunctions_local_test.drawing").joinpath("style.css").read_text("utf-8")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_number(width)} {_number(height)}" '
            f'width="{_number(width)}" height="{_number(height)}" role="img" aria-labelledby="title desc">',
            f'<title id="title">{escape(heading)}</title>',
            f'<desc id="desc">{escape(_description(graph))}</desc>',
            f"<style>\n{style}</style>",
            *parts,
            "</svg>\n",
        ]
    )


def _refuse_strange(graph: Graph, covered: frozenset[Edge] | None) -> None:
    strange = sorted(map(str, (covered or frozenset()) - set(graph.edges)))
    if strange:
        raise ValueError(f"covered must be edges of {graph.name}, got {', '.join(strange)}")


def _heading(graph: Graph, covered: frozenset[Edge] | None, title: str) -> str:
    return title if covered is None else f"{title}: {len(covered)} of {len(graph.edges)} edges covered"


def _description(graph: Graph) -> str:
    ways = {name: [_way(graph.states[name], edge) for edge in graph.leaving(name)] for name in graph.states}
    return " ".join(
        f"{name} ({graph.states[name].kind}) goes to {', '.join(to)}." for name, to in ways.items()
    )


def _way(state: State, edge: Edge) -> str:
    words = label(state, edge)
    target = "the end" if edge.target == END else edge.target
    return f"{target} ({'on ' if edge.kind == 'catch' else ''}{words})" if words else target


def _drawn(plan: Layout, covered: frozenset[Edge] | None) -> Iterator[str]:
    """Containers, then the edges (covered ones on top), then the states."""
    reached = None if covered is None else _reached(plan, covered)
    boxes = plan.boxes.values()
    yield from (_box(box, reached) for box in boxes if box.container)
    for x, y in plan.starts:
        yield _tag("circle", cx=x, cy=y, r=4.5, **{"class": "start"})
        yield _tag("path", d=_line_to([(x, y), (x, y + 14)]), **{"class": "edge"})
        yield _head((x, y + 18), "down", "")
    for route in sorted(plan.routes, key=lambda route: route.edge in (covered or ())):
        yield _edge(route, plan.boxes[route.edge.source].state, covered)
    yield from (_box(box, reached) for box in boxes if not box.container)


def _reached(plan: Layout, covered: frozenset[Edge]) -> set[str]:
    """The states of covered edges, and the maps around them."""
    touched = {name for edge in covered for name in (edge.source, edge.target) if name != END}
    around = {name.partition("[")[0] for each in touched for name in plan.boxes[each].state.level}
    return touched | around


def _box(box: Box, reached: set[str] | None) -> str:
    state = box.state
    missed = reached is not None and state.name not in reached
    radius = 8 if box.container else _ROUND.get(state.kind, 4)
    parts = [
        f"<g class={quoteattr(f'{state.kind} missed' if missed else state.kind)} data-state={quoteattr(state.name)}>",
        _tag("rect", x=box.x, y=box.y, width=box.width, height=box.height, rx=radius, **{"class": "box"}),
        _tag("rect", x=box.x + 6, y=box.y + 8, width=3, height=HEADER - 14, rx=1.5, **{"class": "bar"}),
        _text(box.x + 17, box.y + 19, state.name, "name"),
        _text(box.x + 17, box.y + 35, subtitle(state), ""),
        *(_line(box, line) for line in box.lines),
    ]
    if missed:
        parts.append(_text(box.x + box.width - 8, box.y + 35, "not covered", "mark", anchor="end"))
    return "".join([*parts, "</g>"])


def _line(box: Box, line: Line) -> str:
    left = side(line.edge) == "left"
    x = box.x + 17 if left else box.x + box.width - 10
    return _text(x, line.y + 4, line.text, f"line-{line.edge.kind}", anchor="start" if left else "end")


def _edge(route: Route, state: State, covered: frozenset[Edge] | None) -> str:
    edge = route.edge
    kind = edge.kind if covered is None else "walked" if edge in covered else "unwalked"
    tip = f"{edge}: {label(state, edge)}" if label(state, edge) else str(edge)
    return "".join(
        [
            f'<g data-edge={quoteattr(str(edge))} data-kind="{kind}"><title>{escape(tip)}</title>',
            _tag("path", d=_line_to(route.points), **{"class": f"edge {kind}"}),
            _ending(route, kind),
            "</g>",
        ]
    )


def _ending(route: Route, kind: str) -> str:
    (before_x, _before_y), (x, y) = route.points[-2:]
    if route.edge.target == END:
        ring = _tag("circle", cx=x, cy=y, r=6, **{"class": f"ring {kind}"})
        return ring + _tag("circle", cx=x, cy=y, r=2.5, **{"class": f"head {kind}"})
    direction = "down" if before_x == x else "right" if before_x < x else "left"
    return _head((x, y), direction, kind)


def _head(tip: Point, direction: str, kind: str) -> str:
    x, y = tip
    along, across = {"down": ((0, -8), (4, 0)), "right": ((-8, 0), (0, 4)), "left": ((8, 0), (0, 4))}[
        direction
    ]
    corners = [(x, y), *((x + along[0] + s * across[0], y + along[1] + s * across[1]) for s in (1, -1))]
    points = " ".join(f"{_number(px)},{_number(py)}" for px, py in corners)
    return f'<polygon points="{points}" class="head {kind}"/>'


def _line_to(points: Iterable[Point]) -> str:
    """Straight lines with round corners."""
    first, *rest = points
    path = [f"M{_pair(first)}"]
    before = first
    for here, after in itertools.pairwise(rest):
        path.append(f"L{_pair(_towards(here, before))}Q{_pair(here)} {_pair(_towards(here, after))}")
        before = here
    return "".join([*path, f"L{_pair(rest[-1])}"])


def _towards(corner: Point, other: Point) -> Point:
    """A point close to a corner in the direction of another point."""
    far = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    part = min(_CORNER, far / 2) / far if far else 0
    return corner[0] + (other[0] - corner[0]) * part, corner[1] + (other[1] - corner[1]) * part


def _legend(graph: Graph, covered: frozenset[Edge] | None, y: float) -> tuple[list[str], float]:
    """The legend of state types and edges, and its width."""
    parts: list[str] = []
    x = _MARGIN
    kinds = {state.kind for state in graph.states.values()}
    for name in (name for name in _TYPES if name in kinds):
        look: dict[str, float | str] = {"rx": min(6, _ROUND.get(name, 3)), "class": "box"}
        swatch = _tag("rect", x=x, y=y - 11, width=18, height=13, **look)
        parts.append(f'<g class="{name}">{swatch}{_text(x + 24, y, name, "")}</g>')
        x += 42 + 7 * len(name)
    for kind, words in (_WAYS if covered is None else _COVERED).items():
        parts.append(_tag("path", d=_line_to([(x, y - 4), (x + 24, y - 4)]), **{"class": f"edge {kind}"}))
        parts.append(_text(x + 30, y, words, ""))
        x += 48 + 7 * len(words)
    return parts, x - _MARGIN


def _text(x: float, y: float, words: str, name: str, anchor: str = "start") -> str:
    where = f'x="{_number(x)}" y="{_number(y)}"'
    kind = f' class="{name}"' if name else ""
    end = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f"<text {where}{kind}{end}>{escape(words)}</text>"


def _tag(name: str, **attributes: float | str) -> str:
    written = (
        f'{key}="{value if isinstance(value, str) else _number(value)}"' for key, value in attributes.items()
    )
    return f"<{name} {' '.join(written)}/>"


def _pair(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"


def _number(value: float) -> str:
    """At most two decimals, so that every platform writes the same digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
