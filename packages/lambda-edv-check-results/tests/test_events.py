from typing import Any

import pytest

from edv_check_results.errors import BadEvent
from edv_check_results.events import Result, TableError, parse

GOOD = {"table_name": "FARM_H", "status": "SUCCESS", "layer": "EDV"}


def test_flat_and_nested_results_become_one_list_in_order() -> None:
    event = {
        "layer": "EDV",
        "results": [
            {"groupResults": [GOOD, {**GOOD, "table_name": "TR_H", "groupIndex": 0}]},
            {"groupResults": []},
            {"table_name": "FARM_L", "status": "FAILED", "error": {"Error": "States.Timeout"}},
        ],
    }
    assert parse(event).results == (
        Result("FARM_H", "SUCCESS", "EDV"),
        Result("TR_H", "SUCCESS", "EDV", 0),
        Result("FARM_L", "FAILED", error=TableError("States.Timeout", None)),
    )


def test_keys_that_are_not_ours_are_left_alone() -> None:
    assert parse({"layer": "STG", "results": [{**GOOD, "logged": True}], "extra": 1}).mode == "layer"


@pytest.mark.parametrize(
    ("results", "layer"), [([GOOD], "EDV"), ([{"groupResults": [GOOD]}], "EDV"), ([], "UNKNOWN")]
)
def test_a_missing_layer_is_that_of_the_results(results: list[Any], layer: str) -> None:
    assert parse({"results": results}).layer == layer


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({}, "event['results'] is missing; give a list of results or of {groupResults: [...]}"),
        (
            {"layer": "VAULT", "results": []},
            "event['layer'] must be one of LANDING, FINAL, STG, EDV, DM, CAR_DM, DDL, got 'VAULT'",
        ),
        ({"layer": "STG"}, "event['results'] is missing; give a list of results or of {groupResults: [...]}"),
        (
            {"layer": "STG", "results": {"a": 1}},
            "event['results'] must be a list of results or of {groupResults: [...]}, got {'a': 1}",
        ),
        (
            {"layer": "STG", "results": [GOOD, {**GOOD, "status": "DONE"}]},
            "event['results'][1]['status'] must be SUCCESS or FAILED, got 'DONE'",
        ),
        (
            {"layer": "STG", "results": [{"status": "SUCCESS"}]},
            "event['results'][0]['table_name'] is missing; give a table's name",
        ),
        ({"layer": "STG", "results": [7]}, "event['results'][0] must be an object, got 7"),
        (
            {"layer": "EDV", "results": [{"groupResults": [{**GOOD, "groupIndex": "one"}]}]},
            "event['results'][0]['groupResults'][0]['groupIndex'] must be a whole number, got 'one'",
        ),
        (
            {"layer": "EDV", "results": [{"groupResults": None}]},
            "event['results'][0]['groupResults'] must be a list of results, got None",
        ),
        (
            {"layer": "EDV", "results": [{**GOOD, "error": "x" * 200}]},
            f"event['results'][0]['error'] must be an object with Error and Cause, got '{'x' * 79}...",
        ),
        (
            {"layer": "EDV", "results": [{**GOOD, "error": {"Cause": 5}}]},
            "event['results'][0]['error']['Cause'] must be a string, got 5",
        ),
        (
            {"layer": "EDV", "mode": "item", "results": [GOOD]},
            "event['results'] must hold exactly one FAILED result in mode 'item', got 1: SUCCESS",
        ),
        (
            {"layer": "EDV", "mode": "item", "results": []},
            "event['results'] must hold exactly one FAILED result in mode 'item', got none",
        ),
        (
            {"layer": "EDV", "mode": "all", "results": []},
            "event['mode'] must be 'layer' or 'item', got 'all'",
        ),
        (None, "event must be an object, got None"),
    ],
)
def test_bad_event_names_the_field_what_is_wanted_and_what_came(event: Any, message: str) -> None:
    with pytest.raises(BadEvent) as caught:
        parse(event)
    assert str(caught.value) == message
