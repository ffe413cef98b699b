"""The embedded engine with simulated time and mocked tasks: what waits costs nothing, and is told all the same."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.errors import LocalAwsError
from local_aws.server import LocalAws
from local_aws.testing.roles import make_role
from local_aws.testing.scenes import ROLE, Scenes, mocked_task, returns, throws

BUSY = "Lambda.ServiceException"


def retry(*errors: str, **settings: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), **settings}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenes]:
    config = tmp_path_factory.mktemp("mocks") / "mock.json"
    config.write_text('{"StateMachines": {}, "MockedResponses": {}}')
    with LocalAws(virtual_time=True, mock_config=config) as aws:
        make_role(aws, "states", "states")
        yield Scenes(aws.client("stepfunctions"), config)


def test_a_wait_of_a_day_takes_a_simulated_day(scenes: Scenes) -> None:
    began = time.monotonic()
    ended = scenes.run({"Wait": {"Type": "Wait", "Seconds": 86_400, "End": True}})
    assert (ended.status, ended.took) == ("SUCCEEDED", timedelta(days=1))
    assert time.monotonic() - began < 5
    entered, left = ended.events[1], ended.events[2]
    assert left["timestamp"] - entered["timestamp"] == timedelta(days=1)


def test_a_wait_until_a_time_ends_then(scenes: Scenes) -> None:
    states = {
        "Until": {"Type": "Wait", "TimestampPath": "$$.Execution.Input.until", "Next": "Then"},
        "Then": {"Type": "Pass", "Parameters": {"at.$": "$$.State.EnteredTime"}, "End": True},
    }
    ended = scenes.run(states, given={"until": "2100-01-01T00:00:00Z"})
    assert ended.output["at"][:18] in ("2099-12-31T23:59:5", "2100-01-01T00:00:0")


def test_delays_of_retries_grow_up_to_their_cap(scenes: Scenes) -> None:
    retrier = retry(BUSY, IntervalSeconds=10, BackoffRate=3, MaxAttempts=4, MaxDelaySeconds=100)
    ended = scenes.run(
        {"T": mocked_task(Retry=[retrier], End=True)}, {"T": {"0-3": throws(BUSY), "4": returns(1)}}
    )
    assert (ended.status, ended.took) == ("SUCCEEDED", timedelta(seconds=10 + 30 + 90 + 100))


def test_jitter_is_the_same_in_every_run(scenes: Scenes) -> None:
    retrier = retry(BUSY, IntervalSeconds=100, MaxAttempts=3, JitterStrategy="FULL")
    states = {"T": mocked_task(Retry=[retrier], End=True)}
    answers = {"T": {"0-2": throws(BUSY), "3": returns(1)}}
    first, second = scenes.run(states, answers).took, scenes.run(states, answers).took
    assert first == second
    assert timedelta(seconds=10) < first < timedelta(seconds=700)


def test_a_task_that_takes_longer_than_its_limit_times_out_at_the_limit(scenes: Scenes) -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]
    states = {
        "T": mocked_task(TimeoutSeconds=300, Catch=catch, End=True),
        "Late": {"Type": "Pass", "End": True},
    }
    ended = scenes.run(states, {"T": {"0": returns(1)}}, seconds={"T": 301})
    assert (ended.status, ended.took) == ("SUCCEEDED", timedelta(seconds=300))
    assert "TaskTimedOut" in ended.types
    assert "TaskSucceeded" not in ended.types


def test_a_task_that_takes_exactly_its_limit_is_in_time(scenes: Scenes) -> None:
    ended = scenes.run(
        {"T": mocked_task(TimeoutSeconds=300, End=True)}, {"T": {"0": returns(1)}}, seconds={"T": 300}
    )
    assert (ended.status, ended.took) == ("SUCCEEDED", timedelta(seconds=300))


def test_a_mocked_timeout_takes_the_time_of_the_limit(scenes: Scenes) -> None:
    retrier = retry("States.Timeout", IntervalSeconds=7, MaxAttempts=1)
    states = {"T": mocked_task(TimeoutSeconds=120, Retry=[retrier], End=True)}
    ended = scenes.run(states, {"T": {"0-1": throws("States.Timeout", "slow")}})
    assert (ended.status, ended.took) == ("FAILED", timedelta(seconds=120 + 7 + 120))
    assert ended.description["cause"].endswith("slow")


def test_the_limit_of_an_execution_ends_it_at_once_and_its_history_with_it(scenes: Scenes) -> None:
    states = {"T": mocked_task(Next="W"), "W": {"Type": "Wait", "Seconds": 99_999, "End": True}}
    ended = scenes.run(states, {"T": {"0": returns(1)}}, seconds={"T": 40}, TimeoutSeconds=60)
    assert (ended.status, ended.took) == ("TIMED_OUT", timedelta(seconds=60))
    assert ended.types[-1] == "ExecutionTimedOut"


def test_items_of_a_map_wait_side_by_side_within_its_concurrency(scenes: Scenes) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "T",
        "States": {"T": mocked_task(End=True)},
    }
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrency": 20,
        "ItemProcessor": processor,
        "End": True,
    }
    ended = scenes.run(
        {"M": each}, {"T": {"0-299": returns(1)}}, given={"items": list(range(300))}, seconds={"T": 90}
    )
    assert (ended.status, ended.took) == ("SUCCEEDED", timedelta(seconds=300 / 20 * 90))


def test_branches_wait_side_by_side(scenes: Scenes) -> None:
    branches = [
        {"StartAt": f"W{n}", "States": {f"W{n}": {"Type": "Wait", "Seconds": n * 100, "End": True}}}
        for n in (1, 2, 3)
    ]
    ended = scenes.run({"P": {"Type": "Parallel", "Branches": branches, "End": True}})
    assert (ended.status, ended.took) == ("SUCCEEDED", timedelta(seconds=300))


def test_invocations_are_counted_over_retries_and_items(scenes: Scenes) -> None:
    retrier = retry(BUSY, IntervalSeconds=1, MaxAttempts=2)
    processor = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "T",
        "States": {"T": mocked_task(Retry=[retrier], ResultSelector={"got.$": "$.Payload"}, End=True)},
    }
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrency": 1,
        "ItemProcessor": processor,
        "End": True,
    }
    answers = {"T": {"0": throws(BUSY), "1": returns("second"), "2": returns("third")}}
    ended = scenes.run({"M": each}, answers, given={"items": [1, 2]})
    assert ended.output == [{"got": "second"}, {"got": "third"}]


def test_an_answer_that_is_not_there_fails_the_execution_and_says_which(scenes: Scenes) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Hidden"}]
    states = {
        "T": mocked_task(Next="Again"),
        "Again": {"Type": "Pass", "Next": "T2"},
        "T2": mocked_task(Catch=catch, Next="T"),
        "Hidden": {"Type": "Succeed"},
    }
    ended = scenes.run(states, {"T": {"0": returns(1)}, "T2": {"0-9": returns(2)}})
    assert ended.status == "FAILED"
    assert "no answer for invocation 1 of T, only for 0 to 0" in ended.description["cause"]


@pytest.mark.parametrize("error", ["States.DataLimitExceeded", "States.TaskFailed", "Odd"])
def test_a_mocked_error_is_caught_by_its_name(scenes: Scenes, error: str) -> None:
    catch = [{"ErrorEquals": [error], "Next": "Caught"}]
    states = {"T": mocked_task(Catch=catch, End=True), "Caught": {"Type": "Pass", "End": True}}
    ended = scenes.run(states, {"T": {"0": throws(error, "why")}})
    assert (ended.status, ended.output) == ("SUCCEEDED", {"Error": error, "Cause": "why"})


def test_two_runs_have_the_same_history(scenes: Scenes) -> None:
    retrier = retry(BUSY, IntervalSeconds=5, MaxAttempts=9, JitterStrategy="FULL")
    processor = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "T",
        "States": {"T": mocked_task(Retry=[retrier], End=True)},
    }
    each = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrency": 5,
        "ItemProcessor": processor,
        "End": True,
    }
    answers = {"T": {"0-5": throws(BUSY), "6-99": returns(1)}}
    first, second = (scenes.run({"M": each}, answers, given={"items": list(range(12))}) for _ in range(2))
    assert timeline(first) == timeline(second)


def timeline(ended: Any) -> list[tuple[str, int, float]]:
    start = ended.description["startDate"]
    return [
        (event["type"], event["previousEventId"], round((event["timestamp"] - start).total_seconds(), 2))
        for event in ended.events
    ]


def test_a_child_execution_is_waited_for_in_simulated_time(scenes: Scenes) -> None:
    child = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    arn = scenes.api.create_state_machine(name="child", definition=json.dumps(child), roleArn=ROLE)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": arn["stateMachineArn"]},
        "End": True,
    }
    ended = scenes.run({"Child": task})
    assert ended.status == "SUCCEEDED"
    assert ended.took == timedelta(hours=1)


def test_a_wait_until_the_end_of_time_ends_and_leaves_a_server_that_works(tmp_path: Path) -> None:
    config = tmp_path / "mock.json"
    config.write_text('{"StateMachines": {}, "MockedResponses": {}}')
    states = {"Until": {"Type": "Wait", "Timestamp": "9999-12-31T23:59:59Z", "End": True}}
    with LocalAws(virtual_time=True, mock_config=config) as aws:
        make_role(aws, "states", "states")
        own = Scenes(aws.client("stepfunctions"), config)
        assert own.run(states).status == "SUCCEEDED"
        assert own.run({"Wait": {"Type": "Wait", "Seconds": 5, "End": True}}).status == "SUCCEEDED"


def test_a_state_that_the_machine_does_not_have_is_refused(scenes: Scenes) -> None:
    with pytest.raises(ClientError, match="names states it does not have: Tpyo"):
        scenes.run({"T": mocked_task(End=True)}, {"T": {"0": returns(1)}, "Tpyo": {"0": returns(1)}})


def test_an_execution_begins_when_it_runs_whatever_another_one_does_to_the_clock(scenes: Scenes) -> None:
    loop = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Wait", "Seconds": 1, "Next": "B"},
            "B": {"Type": "Pass", "Next": "A"},
        },
    }
    arn = scenes.api.create_state_machine(name="hurry", definition=json.dumps(loop), roleArn=ROLE)
    started = scenes.api.start_execution(stateMachineArn=arn["stateMachineArn"])["executionArn"]
    try:
        took = [scenes.run({"W": {"Type": "Wait", "Seconds": 10, "End": True}}).took for _ in range(5)]
    finally:
        scenes.api.stop_execution(executionArn=started)
    assert took == [timedelta(seconds=10)] * 5


def test_an_unknown_test_case_is_refused_with_the_known_ones(scenes: Scenes) -> None:
    states = {"T": mocked_task(End=True)}
    arn = scenes.run(states, {"T": {"0": returns(1)}}, case="Known").description["stateMachineArn"]
    with pytest.raises(ClientError, match=r"no test case 'Other'.*it has: Known"):
        scenes.api.start_execution(stateMachineArn=f"{arn}#Other")


def test_a_test_case_without_a_configuration_says_what_is_missing(aws: LocalAws) -> None:
    api = aws.client("stepfunctions")
    definition = json.dumps({"StartAt": "T", "States": {"T": mocked_task(End=True)}})
    arn = api.create_state_machine(name="unmocked", definition=definition, roleArn=ROLE)["stateMachineArn"]
    with pytest.raises(ClientError, match="no mock configuration is given"):
        api.start_execution(stateMachineArn=f"{arn}#Case")


def test_a_mock_configuration_that_cannot_be_read_keeps_the_server_from_starting(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path_factory.mktemp("bad") / "mock.json"
    path.write_text("{}")
    with pytest.raises(LocalAwsError, match="did not start"), LocalAws(mock_config=path):
        pass
    assert "StateMachines and MockedResponses must both be objects" in capfd.readouterr().err
