import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from stepfunctions_local_test.drawing import draw_documentation, svg
from stepfunctions_local_test.drawing.documentation import file_of, plain_name
from stepfunctions_local_test.drawing.words import label, rule, service, shortened, subtitle
from stepfunctions_local_test.graph import Edge, Graph
from tests.drawing.machines import DEFINITION, GRAPH

NS = "{http://www.w3.org/2000/svg}"


def parsed(covered: frozenset[Edge] | None = None, graph: Graph = GRAPH) -> ElementTree.Element:
    return ElementTree.fromstring(svg(graph, covered))  # noqa: S314 - our own text


def with_attribute(root: ElementTree.Element, name: str) -> dict[str, ElementTree.Element]:
    found = [element for element in root.iter() if name in element.attrib]
    assert len({element.attrib[name] for element in found}) == len(found)
    return {element.attrib[name]: element for element in found}


def test_every_state_and_every_edge_is_drawn_once() -> None:
    root = parsed()
    assert with_attribute(root, "data-state").keys() == GRAPH.states.keys()
    edges = with_attribute(root, "data-edge")
    assert edges.keys() == {str(edge) for edge in GRAPH.edges}
    assert all(len(element.findall(f"{NS}path")) == 1 for element in edges.values())


def test_an_edge_tells_in_its_title_what_it_is_taken_for() -> None:
    titles = {key: edge.findtext(f"{NS}title") for key, edge in with_attribute(parsed(), "data-edge").items()}
    assert titles["Which -> Done (choice 4)"] == 'Which -> Done (choice 4): $.kind = "<&\\">"'
    assert titles["Load -> Failed (catch 1)"] == "Load -> Failed (catch 1): Glue.X"
    assert titles["Pause -> Ask (next)"] == "Pause -> Ask (next)"


def test_the_drawing_has_a_title_a_description_and_text_that_is_text() -> None:
    root = parsed()
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{NS}title") == "Every"
    description = root.findtext(f"{NS}desc") or ""
    assert "Load (Task) goes to Loaded, Failed (on Glue.X), Failed (on States.ALL)." in description
    assert "Done (Succeed) goes to the end." in description
    texts = {element.text for element in root.iter(f"{NS}text")}
    assert {
        *GRAPH.states,
        '$.kind = "one"',
        "otherwise",
        "Glue.X",
        "Map over $.groups, one after the other",
    } <= texts


def test_the_same_machine_gives_the_same_drawing() -> None:
    again = Graph.of("Every", json.loads(json.dumps(DEFINITION)))
    assert svg(again) == svg(GRAPH)


def test_nothing_of_an_environment_is_drawn() -> None:
    assert "arn:" not in svg(GRAPH)
    assert "SECRET" not in svg(GRAPH)


def test_covered_edges_are_marked_and_counted() -> None:
    covered = frozenset(edge for edge in GRAPH.edges if edge.source in ("Ask", "Tables", "Loaded"))
    root = parsed(covered)
    kinds = {key: element.attrib["data-kind"] for key, element in with_attribute(root, "data-edge").items()}
    assert {key for key, kind in kinds.items() if kind == "walked"} == {str(edge) for edge in covered}
    assert set(kinds.values()) == {"walked", "unwalked"}
    assert root.findtext(f"{NS}title") == f"Every: {len(covered)} of {len(GRAPH.edges)} edges covered"


def test_uncovered_states_are_marked_but_not_the_maps_around_covered_ones() -> None:
    covered = frozenset(edge for edge in GRAPH.edges if edge.source == "Load")
    states = with_attribute(parsed(covered), "data-state")
    marked = {name for name, element in states.items() if "missed" in element.attrib["class"].split()}
    assert marked == GRAPH.states.keys() - {"Load", "Loaded", "Failed", "Tables", "Groups"}
    assert all("not covered" in [t.text for t in states[name].iter(f"{NS}text")] for name in marked)


def test_nothing_is_marked_without_coverage() -> None:
    assert "missed" not in {word for e in parsed().iter() for word in e.attrib.get("class", "").split()}
    assert "edges covered" not in svg(GRAPH)


def test_a_covered_edge_of_another_machine_is_refused() -> None:
    with pytest.raises(ValueError, match=r"covered must be edges of Every, got X -> Y \(next\)"):
        svg(GRAPH, frozenset({Edge("X", "Y", "next")}))


V = {"Variable": "$.a"}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (V | {"NumericGreaterThan": 0}, "$.a > 0"),
        (V | {"StringEquals": "x"}, '$.a = "x"'),
        (V | {"NumericLessThanEqualsPath": "$.b"}, "$.a <= $.b"),
        (V | {"BooleanEquals": True}, "$.a = true"),
        (V | {"StringMatches": "s*"}, '$.a is like "s*"'),
        (V | {"TimestampLessThan": "2026-06-01T00:00:00Z"}, '$.a < "2026-06-01T00:00:00Z"'),
        (V | {"IsPresent": True}, "$.a is there"),
        (V | {"IsNull": False}, "$.a is not null"),
        ({"Not": V | {"IsNumeric": True}}, "not ($.a is a number)"),
        ({"And": [V | {"IsPresent": True}, V | {"NumericEquals": 1}]}, "$.a = 1"),
        (
            {"And": [V | {"IsPresent": True}, {"Variable": "$.b", "IsPresent": False}]},
            "$.a is there and $.b is missing",
        ),
        ({"Or": [V | {"IsNull": True}, {"And": [V | {"IsString": True}]}]}, "$.a is null or ($.a is a text)"),
    ],
)
def test_a_rule_reads_as_a_sentence(written: dict[str, Any], words: str) -> None:
    assert rule(written | {"Next": "X"}) == words


def test_a_label_is_cut_where_it_would_be_too_long() -> None:
    assert shortened("x" * 80) == "x" * 80
    assert shortened("x" * 81) == "x" * 79 + "…"


def test_a_way_on_needs_no_words() -> None:
    assert label(GRAPH.states["Pause"], Edge("Pause", "Ask", "next")) == ""


def test_states_say_what_they_do() -> None:
    words = {name: subtitle(GRAPH.states[name]) for name in ("Ask", "Load", "Tables", "Pause", "Lost")}
    assert words == {
        "Ask": "Task, Lambda function",
        "Load": "Task, glue:startJobRun.sync",
        "Tables": "Map over $",
        "Pause": "Wait",
        "Lost": "Fail E",
    }
    assert service("arn:aws-us-gov:states:us-gov-west-1:111122223333:activity:Wait") == "Task, activity"


NAMES = ("Every", "CARS-Every")


def test_a_drawing_is_named_after_its_machine_without_the_environment(tmp_path: Path) -> None:
    assert plain_name("FSA-steam-dev-CARS-Every", NAMES) == plain_name("CARS-Every", ()) == "CARS-Every"
    assert plain_name("Other-Never", NAMES) == "Other-Never"
    assert file_of(tmp_path, "CARS-Every") == tmp_path / "cars-every.svg"


def test_a_file_keeps_the_name_under_which_it_is_linked(tmp_path: Path) -> None:
    for name in ("every", "very", "s-every"):
        (tmp_path / f"{name}.svg").touch()
    assert file_of(tmp_path, "CARS-Every") == tmp_path / "every.svg"
    assert draw_documentation({"FSA-DEV-CARS-Every": DEFINITION}, tmp_path, NAMES) == (
        tmp_path / "every.svg",
    )


def test_drawings_are_written_once_and_are_the_same_in_every_environment(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    assert draw_documentation({"FSA-DEV-CARS-Every": DEFINITION}, docs, NAMES) == (docs / "cars-every.svg",)
    assert draw_documentation({"FSA-PROD-CARS-Every": DEFINITION}, docs, NAMES) == ()


def test_a_stale_drawing_is_reported_and_with_check_not_written(tmp_path: Path) -> None:
    docs, drawing = tmp_path / "docs", tmp_path / "docs" / "every.svg"
    machines = {"Every": DEFINITION}
    assert draw_documentation(machines, docs, check=True) == (drawing,)
    assert not docs.exists()
    draw_documentation(machines, docs)
    drawing.write_text(drawing.read_text("utf-8").replace("Pause", "Break"), encoding="utf-8")
    assert draw_documentation(machines, docs, check=True) == (drawing,)
    assert "Break" in drawing.read_text("utf-8")
    assert draw_documentation(machines, docs) == (drawing,)
    assert draw_documentation(machines, docs, check=True) == ()
