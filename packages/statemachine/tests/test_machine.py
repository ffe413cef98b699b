"""The linker: written order is running order, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statemachine import StateMachineError
from statemachine.machine import machine, processor
from statemachine.states import (
    Step,
    catching,
    choice,
    compose,
    constant,
    end,
    fail,
    ignoring_errors,
    map_over,
    succeed,
    task,
    then,
    with_defaults,
)


def _task(name: str) -> Step:
    return task(name, "arn:aws:states:::lambda:invoke", {}, timeout_seconds=1, retry=[], result_path=None)


def _pass(name: str) -> Step:
    return compose(name, {})


def _linked(*steps: Step) -> dict[str, dict[str, object]]:
    made = machine(
        *steps, fail("Bad", error="$.e", cause="$.c"), comment="", timeout_seconds=9, on_error="Bad"
    )
    states: dict[str, dict[str, object]] = made["States"]
    return states


@given(st.lists(st.integers(0, 99), min_size=1, max_size=20, unique=True))
def test_written_order_is_running_order(numbers: list[int]) -> None:
    names = [f"S{number}" for number in numbers]
    made = processor(*[_pass(name) for name in names[:-1]], end(_pass(names[-1])))
    here, seen = made["StartAt"], []
    while True:
        seen.append(here)
        if "End" in made["States"][here]:
            break
        here = made["States"][here]["Next"]
    assert seen == names == list(made["States"])


def test_a_step_can_be_sent_elsewhere_without_knowing_it() -> None:
    states = _linked(
        choice("If", ({"Variable": "$.x", "IsPresent": True}, "B"), otherwise="A"),
        then(_pass("A"), "C"),
        _task("B"),
        succeed("C"),
    )
    assert (states["A"]["Next"], states["B"]["Next"]) == ("C", "C")
    assert "Next" not in states["C"]


def test_the_catch_is_added_to_what_can_fail_and_leads_to_the_error_state() -> None:
    states = _linked(
        _task("A"),
        map_over("M", "$", processor(end(_pass("P"))), item={}, concurrency=1),
        _pass("N"),
        succeed("C"),
    )
    for name in ("A", "M"):
        assert states[name]["Catch"] == [
            {"ErrorEquals": ["States.DataLimitExceeded"], "ResultPath": "$.error", "Next": "Bad"},
            {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Bad"},
        ]
    assert "Catch" not in states["N"]


def test_a_step_can_have_a_catch_of_its_own_with_or_without_the_error() -> None:
    states = _linked(catching(_task("A"), "C"), ignoring_errors(_task("B"), "Bad"), succeed("C"))
    assert [catcher["ResultPath"] for catcher in states["A"]["Catch"]] == ["$.error", "$.error"]  # type: ignore[attr-defined]
    assert [catcher["ResultPath"] for catcher in states["B"]["Catch"]] == [None, None]  # type: ignore[attr-defined]


def test_without_an_error_target_a_failure_is_left_to_the_map() -> None:
    assert "Catch" not in processor(end(_task("A")))["States"]["A"]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((), "a machine needs at least one step, got none"),
        ((_pass("A"), end(_pass("A"))), "state 'A' is written twice; every name must be its own"),
        (
            (
                ignoring_errors(map_over("A", "$", processor(end(_pass("B"))), item={}, concurrency=1), "B"),
                end(_pass("B")),
            ),
            "state 'B' is written twice; names must differ inside maps too",
        ),
        ((then(_pass("A"), "Z"), succeed("B")), "state 'A' leads to 'Z', which is none of: A, B"),
        (
            (choice("A", otherwise="B"), succeed("B"), succeed("C"), succeed("D")),
            "no path from 'A' leads to: C, D",
        ),
        ((_pass("A"),), "state 'A' is the last one but does not end; write end(...) around it"),
        ((_task("E"), succeed("B")), "state 'E' would catch its own failures; give it ignoring_errors(...)"),
        ((end(_pass("x" * 81)),), f"a state's name has 1 to 80 characters, got '{'x' * 81}'"),
        (
            (end(constant("A", "x" * 1_100_000, result_path="$")),),
            "the definition has 11001",
        ),
    ],
)
def test_a_definition_that_could_not_run_is_refused(steps: tuple[Step, ...], message: str) -> None:
    with pytest.raises(StateMachineError) as caught:
        machine(*steps, comment="", timeout_seconds=1, on_error="E")
    assert str(caught.value).startswith(message)


def test_defaults_that_an_intrinsic_cannot_hold_are_refused() -> None:
    assert (
        with_defaults({"a": None}, "$.x")
        == "States.JsonMerge(States.StringToJson('{\"a\":null}'), $.x, false)"
    )
    with pytest.raises(ValueError, match="no quote and no backslash"):
        with_defaults({"a": "it's"}, "$")
    with pytest.raises(ValueError, match="no quote and no backslash"):
        with_defaults({"a": 'a"b'}, "$")
