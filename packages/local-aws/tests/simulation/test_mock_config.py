"""Files of mocked responses: what they mean, and what is said of those that mean nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from local_aws.simulation.mock_config import MockConfig, MockConfigError, Returned, Thrown

GOOD: dict[str, Any] = {
    "StateMachines": {
        "Loading": {
            "TestCases": {"Busy": {"Load": "BusyTwice"}, "Well": {"Load": "Loaded"}},
            "Seconds": {"Well": {"Load": 90}},
        }
    },
    "MockedResponses": {
        "BusyTwice": {
            "0-1": {"Throw": {"Error": "Glue.ThrottlingException", "Cause": "slow down"}},
            "2": {"Return": {"JobRunState": "SUCCEEDED"}},
        },
        "Loaded": {"0": {"Return": None}},
    },
}


def written(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "mock.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_numbers_and_ranges_are_answers_one_after_the_other(tmp_path: Path) -> None:
    case = MockConfig.read(written(tmp_path, GOOD)).case("Loading", "Busy")
    busy = Thrown("Glue.ThrottlingException", "slow down")
    assert case.responses == {"Load": (busy, busy, Returned({"JobRunState": "SUCCEEDED"}))}


def test_an_answer_may_be_null_and_take_its_time(tmp_path: Path) -> None:
    case = MockConfig.read(written(tmp_path, GOOD)).case("Loading", "Well")
    assert case.responses == {"Load": (Returned(None),)}
    assert case.seconds == {"Load": 90}


@pytest.mark.parametrize(("machine", "case"), [("Loading", "Bad"), ("Other", "Busy")])
def test_an_unknown_test_case_is_refused_with_the_known_ones(tmp_path: Path, machine: str, case: str) -> None:
    config = MockConfig.read(written(tmp_path, GOOD))
    with pytest.raises(MockConfigError, match="Busy, Well" if machine == "Loading" else "it has: none"):
        config.case(machine, case)


def changed(path: str, value: Any) -> dict[str, Any]:
    """GOOD with another value at a dotted path."""
    content = json.loads(json.dumps(GOOD))
    *before, last = path.split("/")
    place = content
    for key in before:
        place = place[key]
    place[last] = value
    return dict(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "no file of mocked responses in JSON"),
        ([], "an object with StateMachines and MockedResponses is needed, got list"),
        ({}, "StateMachines and MockedResponses must both be objects"),
        (changed("StateMachines/Loading", {}), "StateMachines.Loading.TestCases must be an object"),
        (
            changed("StateMachines/Loading/TestCases/Busy", 5),
            "TestCases.Busy must be an object of states, got 5",
        ),
        (
            changed("StateMachines/Loading/TestCases/Busy/Load", "Gone"),
            "TestCases.Busy.Load names 'Gone', which MockedResponses has not",
        ),
        (changed("MockedResponses/Loaded", {}), "MockedResponses.Loaded must be an object of attempts"),
        (changed("MockedResponses/Loaded/x", {"Return": 1}), "such as '1-2', got 'x'"),
        (changed("MockedResponses/Loaded/2", {"Return": 1}), "got 2-2 where 1 is due"),
        (changed("MockedResponses/Loaded/3-1", {"Return": 1}), "got 3-1 where 1 is due"),
        (changed("MockedResponses/Loaded/0", {}), "must have either Return or Throw, got {}"),
        (changed("MockedResponses/Loaded/0", {"Return": 1, "Throw": {}}), "must have either Return or Throw"),
        (changed("MockedResponses/Loaded/0", {"Throw": {"Cause": "x"}}), "Throw must have an Error"),
    ],
)
def test_a_file_that_means_nothing_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(MockConfigError) as caught:
        MockConfig.read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    content = changed("MockedResponses/Loaded/0", {})
    content["StateMachines"]["Loading"]["TestCases"]["Busy"]["Load"] = "Gone"
    with pytest.raises(MockConfigError, match=r"2 problems: .*either Return or Throw.*Gone"):
        MockConfig.read(written(tmp_path, content))


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(MockConfigError, match="No such file"):
        MockConfig.read(tmp_path / "none.json")
