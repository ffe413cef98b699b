"""Differences of outcomes from expectations, and between engines, as text."""

from dataclasses import replace
from typing import Any

import pytest

from stepfunctions_local_test.running import Outcome, differences, disagreements
from stepfunctions_local_test.scenarios import Expectation
from stepfunctions_local_test.scenarios.paths import read

from ..conftest import Outcomes

PATH = read(["Ask", "Much", {"Each": ["Call, Good", "Call, Bad", "Call, Good"]}, "Recovered"])
THREE: dict[str, Any] = {
    "status": "SUCCEEDED",
    "output": {"items": ["a", "b", "c"], "answer": {"value": 11}},
    "path": PATH,
    "calls": {"Call": 3},
    "seconds": (0, 0),
}


def wanting(outcome: Outcome, **changes: Any) -> Outcome:
    expect = Expectation(**{**THREE, **changes})
    return replace(outcome, scenario=replace(outcome.scenario, expect=expect))


def test_the_expected_outcome_is_no_difference(asked: Outcomes) -> None:
    assert differences(wanting(asked["three-items"])) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "FAILED"}, "status is SUCCEEDED, not FAILED"),
        ({"output": {"answer": {"value": 12}}}, "output.answer.value is 11, not 12"),
        ({"output": {"answer": {"other": 12}}}, "output.answer.other is missing, not 12"),
        ({"output": {"items": ["a"]}}, 'output.items is ["a", "b", "c"], not ["a"]'),
        ({"output": {"items": ["a", "b", "d"]}}, "output.items[2] is c, not d"),
        ({"error": "E"}, "error is None, not E"),
        ({"cause": "text"}, "cause is null, without text"),
        ({"calls": {"Call": 4}}, "Call was called 3 times, not 4"),
        ({"seconds": (1, 2)}, "it took 0 simulated seconds, not 1 to 2"),
    ],
)
def test_every_difference_has_the_actual_and_the_expected_value(
    asked: Outcomes, changes: dict[str, Any], words: str
) -> None:
    assert differences(wanting(asked["three-items"], **changes)) == [words]


def test_another_path_is_shown_line_by_line(asked: Outcomes) -> None:
    other = read(["Ask", "Much", {"Each": ["Call, Good x 3"]}, "Recovered"])
    (text,) = differences(wanting(asked["three-items"], path=other))
    assert "    -    - Call, Good x 3" in text.replace("-        ", "-    ")
    assert "+    - Call, Bad" in text


def test_unused_answers_and_tasks_without_answer_are_reported(asked: Outcomes) -> None:
    outcome = wanting(asked["three-items"])
    changed = replace(outcome.scenario, own_tasks=frozenset({"Ask", "Missing"}), answers={"Ask": "x"})
    assert differences(replace(outcome, scenario=changed)) == [
        "Missing was never entered; remove tasks.Missing, or fix the path to it",
        "Call was entered, but tasks.Call has no answer for it",
    ]


def test_equal_outcomes_of_engines_agree_and_differences_are_reported(asked: Outcomes) -> None:
    one = wanting(asked["three-items"])
    other = replace(one, engine="container", cause="in other words")
    assert disagreements([one, other]) == []
    found = disagreements([one, replace(asked["known"], engine="container")])
    assert len(found) == 3
    assert found[0].startswith("output is ")
    assert "calls is" in found[1]
    assert "the path on embedded (expected) and on container (actual)" in found[2]
