"""Suggested scenarios: each runs and covers its branch."""

from collections.abc import Callable

import yaml

from stepfunctions_local_test.coverage import Item, items
from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.scenarios.generators import expanded
from stepfunctions_local_test.suggestions import Suggestion, suggest

from ..conftest import Outcomes
from ..machines import ASKING, GRAPH, Made


def named(text: str) -> Item:
    return next(item for item in items(GRAPH) if item.text == text)


def test_every_suggestion_covers_its_branch(run_made: Callable[[Made], Outcomes]) -> None:
    made = Made()
    wanted: dict[str, Suggestion] = {}
    for number, item in enumerate(items(GRAPH)):
        found = suggest(GRAPH, item)
        wanted[f"s-{number}"] = found
        made.add(f"s-{number}", expanded(found.tasks), expanded(found.input))
    outcomes = run_made(made)
    missed = [
        suggestion.item.text
        for name, suggestion in wanted.items()
        if suggestion.item not in outcomes[name].covered.items
    ]
    assert missed == []


def test_a_suggestion_is_a_scenario_file() -> None:
    found = suggest(GRAPH, named("Call catch 1 on Known"))
    content = yaml.safe_load(found.text())
    assert content["description"] == "Covers Call catch 1 on Known."
    assert content["input"] == {"items": ["item"]}
    assert content["tasks"]["Ask"]["0"]["Return"]["Payload"]["value"] == 11
    assert content["tasks"]["Call"]["0-999"]["Throw"]["Error"] == "Known"
    assert content["expect"]["path"] == ["Ask", "Much", {"Each": ["Call, Bad"]}, "Recovered"]


def test_what_cannot_be_derived_is_noted() -> None:
    inner = {**ASKING["States"]["Each"]["ItemProcessor"]["States"]}
    inner["Call"] = {**inner["Call"], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Bad"}]}
    each = {**ASKING["States"]["Each"], "ItemProcessor": {"StartAt": "Call", "States": inner}}
    graph = Graph.of("M", {**ASKING, "States": {**ASKING["States"], "Each": each}})
    item = next(item for item in items(graph) if item.text == "Each catch 1 on States.ALL")
    assert suggest(graph, item).notes == [
        "Each must fail with Some.Error: no task inside lets an error through; "
        "if there is no other way, add an exception with the reason"
    ]
