from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepfunctions_local_test.drawing.lanes import lanes
from stepfunctions_local_test.drawing.layout import Box, Route, layout, side
from stepfunctions_local_test.graph import END, Edge
from tests.drawing.machines import GRAPH

PLAN = layout(GRAPH)


def route(source: str, target: str, index: int = 0) -> Route:
    [found] = [
        r for r in PLAN.routes if (r.edge.source, r.edge.target, r.edge.index) == (source, target, index)
    ]
    return found


def test_states_stand_one_below_the_other_in_written_order() -> None:
    for level in GRAPH.starts:
        boxes = [PLAN.boxes[state.name] for state in GRAPH.inside(level)]
        assert all(above.bottom < below.y for above, below in pairwise(boxes))
        assert len({box.middle for box in boxes}) == 1


def contains(outer: Box, inner: Box) -> bool:
    across = outer.x < inner.x and inner.x + inner.width < outer.x + outer.width
    return across and outer.y < inner.y and inner.bottom < outer.bottom


@pytest.mark.parametrize(
    ("outer", "inner"),
    [("Groups", "Tables"), ("Tables", "Load"), ("Tables", "Failed"), ("Both", "Left"), ("Both", "Right")],
)
def test_a_map_is_a_box_around_its_states(outer: str, inner: str) -> None:
    assert contains(PLAN.boxes[outer], PLAN.boxes[inner])


def test_everything_is_inside_the_drawing() -> None:
    points = [point for one in PLAN.routes for point in one.points]
    assert all(0 <= x <= PLAN.width and 0 <= y <= PLAN.height for x, y in points)


def test_a_way_to_the_state_written_next_is_straight_down() -> None:
    (x, y), (to_x, to_y) = route("Ask", "Which").points
    assert x == to_x == PLAN.boxes["Ask"].middle
    assert (y, to_y) == (PLAN.boxes["Ask"].bottom, PLAN.boxes["Which"].y)


def test_what_is_caught_runs_on_the_left_and_other_ways_on_the_right() -> None:
    assert route("Ask", "Tell").points[1][0] < PLAN.boxes["Groups"].x
    assert route("Pause", "Ask").points[1][0] > PLAN.boxes["Groups"].x + PLAN.boxes["Groups"].width


def test_ways_to_one_state_share_a_lane_and_keep_their_own_beginning() -> None:
    one, other = route("Which", "Both", 1), route("Which", "Both", 2)
    assert one.points[1][0] == other.points[1][0]
    assert one.points[0][1] != other.points[0][1]
    assert one.points[-1] == other.points[-1]


def horizontals(one: Route) -> list[tuple[float, float, float]]:
    pairs = zip(one.points, one.points[1:], strict=False)
    return [(y, min(x, to_x), max(x, to_x)) for (x, y), (to_x, to_y) in pairs if y == to_y]


def verticals(one: Route) -> list[tuple[float, float, float]]:
    pairs = zip(one.points, one.points[1:], strict=False)
    return [(x, min(y, to_y), max(y, to_y)) for (x, y), (to_x, to_y) in pairs if x == to_x]


def test_ways_to_different_states_never_run_in_one_line() -> None:
    for one, other in combinations(PLAN.routes, 2):
        if one.edge.target != other.edge.target or one.edge.target == END:
            for lines in (horizontals, verticals):
                clash = [
                    (a, b)
                    for a in lines(one)
                    for b in lines(other)
                    if a[0] == b[0] and a[1] < b[2] and b[1] < a[2]
                ]
                assert clash == [], (one.edge, other.edge)


def test_no_way_runs_through_a_state_of_its_level() -> None:
    for one in PLAN.routes:
        level = GRAPH.states[one.edge.source].level
        for box in (PLAN.boxes[state.name] for state in GRAPH.inside(level)):
            for y, left, right in horizontals(one):
                inside = box.y < y < box.bottom and left < box.x + box.width and box.x < right
                assert not inside, (one.edge, box.state.name)
            for x, top, bottom in verticals(one):
                assert not (box.x < x < box.x + box.width and top < box.bottom and box.y < bottom), one.edge


def test_an_edge_is_on_one_side_whatever_it_is_caught_for() -> None:
    assert [side(Edge("A", "B", kind)) for kind in ("catch", "next", "choice", "default")] == [
        "left",
        *["right"] * 3,
    ]


intervals = st.tuples(st.integers(0, 500), st.integers(0, 500)).map(
    lambda pair: (float(min(pair)), float(max(pair)))
)


@given(st.dictionaries(st.integers(), intervals, max_size=30))
def test_intervals_of_one_lane_keep_apart(wanted: dict[int, tuple[float, float]]) -> None:
    found = lanes(wanted)
    assert found.keys() == wanted.keys()
    for one, other in combinations(wanted, 2):
        if found[one] == found[other]:
            assert wanted[one][1] + 8 <= wanted[other][0] or wanted[other][1] + 8 <= wanted[one][0]


def test_intervals_that_do_not_touch_take_one_lane_and_the_short_one_is_nearest() -> None:
    assert lanes({"a": (0, 10), "b": (20, 30), "c": (40, 50)}) == {"a": 0, "b": 0, "c": 0}
    assert lanes({"long": (0, 100), "short": (40, 50)}) == {"short": 0, "long": 1}
