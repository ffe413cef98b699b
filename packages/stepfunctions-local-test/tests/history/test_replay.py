"""Replays of real executions, and of histories as other engines write them."""

import pytest

from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.history import ReplayError, replay
from stepfunctions_local_test.history.outcomes import outcomes
from stepfunctions_local_test.history.reading import compact_size, largest, path_of
from stepfunctions_local_test.scenarios.paths import lines, read

from ..conftest import Outcomes
from ..machines import GRAPH, history


def test_items_of_a_map_that_run_at_once_are_distinguished(asked: Outcomes) -> None:
    path = asked["items-at-once"].path
    assert path == read(["Ask", "Much", {"Each": ["Call, Good x 3"]}, "Recovered"])


def test_items_keep_the_order_of_their_index(asked: Outcomes) -> None:
    path = asked["three-items"].path
    assert path == read(["Ask", "Much", {"Each": ["Call, Good", "Call, Bad", "Call, Good"]}, "Recovered"])
    assert lines(path) == [
        "- Ask",
        "- Much",
        "- Each:",
        "    - Call, Good",
        "    - Call, Bad",
        "    - Call, Good",
        "- Recovered",
    ]


def test_calls_count_every_attempt(asked: Outcomes) -> None:
    assert asked["busy-for-ever"].calls == {"Ask": 3}
    assert asked["three-items"].calls == {"Ask": 1, "Call": 3}


def test_simulated_time_is_that_of_retries_and_limits(asked: Outcomes) -> None:
    assert asked["default"].simulated == 0
    assert asked["busy-for-ever"].simulated == pytest.approx(3)  # 1 s, then 2 s
    assert asked["slow"].simulated == pytest.approx(11)  # the limit of 10 s, then 1 s
    assert asked["really-slow"].simulated == pytest.approx(21)


def test_the_error_of_an_item_is_the_error_of_its_map(asked: Outcomes) -> None:
    outcome = asked["item-breaks"]
    each = next(visit for visit in outcome.replay.visits() if visit.state == "Each")
    assert outcomes(each, GRAPH)[-1] == "Other"


def test_the_largest_state_data_is_counted_without_the_spaces_of_an_engine(asked: Outcomes) -> None:
    found = largest(asked["three-items"].replay)
    assert found.state in {"Each", "Recovered"}
    assert compact_size('{"a": [1, 2]}') == len('{"a":[1,2]}')


def test_lambda_events_of_older_integrations_are_ends_of_attempts() -> None:
    graph = Graph.of("M", {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "x", "End": True}}})
    events = history(
        (0, "ExecutionStarted", {}),
        (0, "TaskStateEntered", {"name": "T", "input": "{}"}),
        (2, "LambdaFunctionScheduled", {}),
        (3, "LambdaFunctionFailed", {"error": "Busy"}),
        (4, "LambdaFunctionScheduled", {}),
        (5, "LambdaFunctionTimedOut", {}),
        (6, "LambdaFunctionScheduled", {}),
        (7, "LambdaFunctionSucceeded", {"output": "1"}),
        (8, "TaskStateExited", {"name": "T", "output": "1"}),
    )
    (visit,) = replay(graph, events).visits()
    assert outcomes(visit, graph) == ["Busy", "States.Timeout", None]


def test_branches_of_a_parallel_state_are_sequences_of_their_own() -> None:
    def one(name: str) -> dict[str, object]:
        return {"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}}

    both = {"Type": "Parallel", "Branches": [one("Left"), one("Right")], "End": True}
    graph = Graph.of("M", {"StartAt": "Both", "States": {"Both": both}})
    events = history(
        (0, "ExecutionStarted", {}),
        (0, "ParallelStateEntered", {"name": "Both", "input": "{}"}),
        (2, "ParallelStateStarted", {}),
        (3, "PassStateEntered", {"name": "Right", "input": "{}"}),
        (3, "PassStateEntered", {"name": "Left", "input": "{}"}),
        (4, "PassStateExited", {"name": "Right", "output": "{}"}),
        (5, "PassStateExited", {"name": "Left", "output": "{}"}),
        (7, "ParallelStateSucceeded", {}),
        (8, "ParallelStateExited", {"name": "Both", "output": "[]"}),
    )
    assert path_of(replay(graph, events).root) == read([{"Both": [["Left"], ["Right"]]}])


def test_a_history_of_another_machine_is_refused() -> None:
    with pytest.raises(ReplayError, match="enters 'Other', which is not a state of X-Asking"):
        replay(GRAPH, history((0, "PassStateEntered", {"name": "Other"})))
