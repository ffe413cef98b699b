"""The engine `container`, with a real container: what differs from the embedded one, and what must not."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import docker
from local_aws.engines import EngineError, choose
from local_aws.errors import LocalAwsError
from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue
from local_aws.testing.machines import ROLE, Machine, ended, passing
from local_aws.testing.roles import make_role
from stepfunctions_local_test.containers.owners import PID
from stepfunctions_local_test.pytest_plugin import need_container

INVOKE = "arn:aws:states:::lambda:invoke"
MOCKED = {
    "StateMachines": {"mocked": {"TestCases": {"Busy": {"Call": "busy"}}}},
    "MockedResponses": {"busy": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}}},
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    need_container()
    config = tmp_path_factory.mktemp("mocks") / "mocks.json"
    config.write_text(json.dumps(MOCKED), encoding="utf-8")
    with LocalAws(engine="container", mock_config=config) as aws:
        for name, service in {"glue": "glue", "lambda": "lambda", "states": "states"}.items():
            make_role(aws, name, service)
        yield aws


@pytest.fixture(scope="module")
def states(aws: LocalAws) -> Any:
    return aws.client("stepfunctions")


def create(states: Any, name: str, inner: dict[str, Any]) -> str:
    definition = json.dumps({"StartAt": next(iter(inner)), "States": inner})
    made = states.create_state_machine(name=name, definition=definition, roleArn=ROLE)
    return str(made["stateMachineArn"])


def run(states: Any, name: str, inner: dict[str, Any], event: Any = None) -> dict[str, Any]:
    started = states.start_execution(
        stateMachineArn=create(states, name, inner), input=json.dumps(event or {})
    )
    return ended(states, started["executionArn"])


def test_versions_and_aliases_are_executed_as_what_they_stand_for(aws: LocalAws) -> None:
    machine = Machine(aws)
    first = machine.publish()
    machine.update("second")
    second = machine.publish()
    machine.update("third")
    live = machine.alias("live", (first, 100))
    by_alias = machine.run(live)
    assert by_alias["output"] == '"first"'
    assert by_alias["stateMachineAliasArn"] == live
    assert by_alias["stateMachineVersionArn"] == first
    assert machine.run(second)["output"] == '"second"'
    assert machine.run(machine.arn)["output"] == '"third"'
    assert machine.run(first)["output"] == '"first"'
    listed = machine.api.list_executions(stateMachineArn=live)["executions"]
    assert [item["executionArn"] for item in listed] == [by_alias["executionArn"]]
    assert len(machine.api.list_executions(stateMachineArn=machine.arn)["executions"]) == 4


def test_a_running_execution_keeps_the_definition_it_began_with(states: Any) -> None:
    wait = {"Type": "Wait", "Seconds": 2, "Next": "Old"}
    arn = create(states, "keeps", {"Wait": wait, "Old": {"Type": "Pass", "Result": "old", "End": True}})
    old = states.start_execution(stateMachineArn=arn, name="old")["executionArn"]
    states.update_state_machine(stateMachineArn=arn, definition=passing("new"))
    new = states.start_execution(stateMachineArn=arn, name="new")["executionArn"]
    assert old == "arn:aws:states:us-east-1:111122223333:execution:keeps:old"
    assert ended(states, new)["output"] == '"new"'
    assert states.describe_execution(executionArn=old)["status"] == "RUNNING"
    running = states.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
    assert [item["name"] for item in running] == ["old"]
    assert ended(states, old)["output"] == '"old"'
    ran = states.describe_state_machine_for_execution(executionArn=old)
    assert "Wait" in json.loads(ran["definition"])["States"]


def test_a_name_is_used_once(states: Any) -> None:
    arn = create(states, "once", {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    first = states.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    again = states.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    assert again["executionArn"] == first["executionArn"]
    assert again["startDate"] == first["startDate"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=arn, name="one", input='{"a": 2}')
    states.stop_execution(executionArn=first["executionArn"], error="Enough", cause="of it")
    answer = ended(states, first["executionArn"])
    assert (answer["status"], answer["error"], answer["cause"]) == ("ABORTED", "Enough", "of it")
    assert answer["stopDate"] >= answer["startDate"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')


def test_history_comes_in_pages_from_either_end(states: Any) -> None:
    each = {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
    answer = run(
        states, "pages", {"Each": {"Type": "Map", "ItemProcessor": each, "End": True}}, list(range(20))
    )
    pages = states.get_paginator("get_execution_history").paginate(
        executionArn=answer["executionArn"], PaginationConfig={"PageSize": 15}
    )
    sizes = [len(page["events"]) for page in pages]
    assert sizes[0] == 15
    assert len(sizes) > 2
    last = states.get_execution_history(executionArn=answer["executionArn"], reverseOrder=True, maxResults=1)
    assert [event["type"] for event in last["events"]] == ["ExecutionSucceeded"]
    assert last["events"][0]["id"] == sum(sizes)
    plain = states.get_execution_history(executionArn=answer["executionArn"], includeExecutionData=False)
    assert "input" not in plain["events"][0]["executionStartedEventDetails"]


def test_a_machine_that_was_deleted_and_made_again_is_another_one(states: Any) -> None:
    first = create(states, "again", {"P": {"Type": "Pass", "Result": 1, "End": True}})
    states.start_execution(stateMachineArn=first, name="same")
    states.delete_state_machine(stateMachineArn=first)
    again = create(states, "again", {"P": {"Type": "Pass", "Result": 2, "End": True}})
    execution = states.start_execution(stateMachineArn=again, name="same")["executionArn"]
    assert ended(states, execution)["output"] == "2"


def test_tasks_call_the_functions_and_jobs_of_the_endpoint(aws: LocalAws, states: Any) -> None:
    Functions(aws).create("double", "def handler(event, context):\n    return event['n'] * 2\n")
    glue = Glue(aws)
    glue.s3.create_bucket(Bucket="glue-bucket")
    glue.job("bad", "raise ValueError('row 7 is bad')")
    job = {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "bad"},
    }
    caught = {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failed", "Next": "Double"}
    call = {"FunctionName": "double", "Payload.$": "$"}
    inner = {
        "Load": {**job, "Catch": [caught], "Next": "Double"},
        "Double": {
            "Type": "Task",
            "Resource": INVOKE,
            "Parameters": call,
            "OutputPath": "$.Payload",
            "End": True,
        },
    }
    answer = run(states, "calls", inner, {"n": 21})
    assert answer["output"] == "42"
    history = states.get_execution_history(executionArn=answer["executionArn"])["events"]
    (failed,) = (event["taskFailedEventDetails"] for event in history if event["type"] == "TaskFailed")
    assert json.loads(failed["cause"])["ErrorMessage"] == "ValueError: row 7 is bad"


def test_a_token_that_a_function_sends_to_the_endpoint_reaches_the_container(
    aws: LocalAws, states: Any
) -> None:
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    boto3.client('stepfunctions').send_task_success(taskToken=event['token'], output='\"done\"')\n"
    )
    Functions(aws).create("answers", source)
    call = {"FunctionName": "answers", "Payload": {"token.$": "$$.Task.Token"}}
    task = {"Type": "Task", "Resource": f"{INVOKE}.waitForTaskToken", "Parameters": call, "End": True}
    assert run(states, "token", {"Call": {**task, "TimeoutSeconds": 20}})["output"] == '"done"'
    with pytest.raises(ClientError, match=r"InvalidToken|TaskDoesNotExist"):
        states.send_task_success(taskToken="nobody's", output="{}")


def test_a_child_execution_is_one_of_the_endpoint(states: Any) -> None:
    child = create(states, "child", {"P": {"Type": "Pass", "Result": "from the child", "End": True}})
    start = {"StateMachineArn": child, "Input": {}}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": start,
        "End": True,
    }
    answer = run(states, "parent", {"Child": task})
    assert answer["status"] == "SUCCEEDED", answer
    assert json.loads(answer["output"])["Output"] == "from the child"
    assert len(states.list_executions(stateMachineArn=child)["executions"]) == 1


def test_a_test_case_of_the_mock_configuration_is_run_in_the_container(states: Any) -> None:
    call = {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": "no-such-function"},
        "End": True,
    }
    arn = create(states, "mocked", {"Call": call})
    answer = ended(states, states.start_execution(stateMachineArn=f"{arn}#Busy")["executionArn"])
    assert (answer["status"], answer["error"]) == ("FAILED", "Busy")
    with pytest.raises(ClientError, match="Busier"):
        states.start_execution(stateMachineArn=f"{arn}#Busier")


def test_what_is_refused_names_the_error_of_aws(states: Any) -> None:
    with pytest.raises(states.exceptions.InvalidDefinition):
        states.create_state_machine(name="bad", definition='{"States": {}}', roleArn=ROLE)
    with pytest.raises(states.exceptions.StateMachineDoesNotExist):
        states.start_execution(stateMachineArn="arn:aws:states:us-east-1:111122223333:stateMachine:none")
    with pytest.raises(states.exceptions.ExecutionDoesNotExist):
        states.get_execution_history(executionArn="arn:aws:states:us-east-1:111122223333:execution:none:none")


def test_the_container_ends_with_the_endpoint() -> None:
    need_container()
    engine = docker.from_env()
    with LocalAws(engine="container") as aws:
        label: dict[str, Any] = {"label": f"{PID}={aws.pid}"}
        assert len(engine.containers.list(filters=label)) == 1
    assert engine.containers.list(all=True, filters=label) == []
    engine.close()


def test_an_engine_that_cannot_run_has_a_reason(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    began = time.monotonic()
    with pytest.raises(LocalAwsError, match=r"did not start \(exit 1\)"):
        LocalAws(engine="container").start()
    said = capfd.readouterr().err
    assert "error: no Docker engine answers" in said
    assert "Fatal" not in said
    assert time.monotonic() - began < 30


def test_the_container_has_no_virtual_time() -> None:
    with pytest.raises(EngineError, match="engine 'container' has no virtual time; use 'embedded'"):
        choose("container", virtual_time=True)
    with pytest.raises(LocalAwsError, match=r"absent\.json"):
        choose("container", mock_config=Path("absent.json"))
