import json
import socket
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from testcontainers.core.config import testcontainers_config

import docker
from local_aws.testing.machines import ROLE, ended, passing
from stepfunctions_local_test.containers import ContainerError, StepFunctionsLocalContainer, images
from stepfunctions_local_test.containers.stepfunctions_local import merged

CALL = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "f"},
    "End": True,
}


def machine(container: StepFunctionsLocalContainer, name: str, definition: str) -> str:
    made = container.get_client().create_state_machine(name=name, definition=definition, roleArn=ROLE)
    return str(made["stateMachineArn"])


def inspected(container: StepFunctionsLocalContainer) -> Mapping[str, Any]:
    container.reload()
    attributes: Mapping[str, Any] = container.get_wrapped_container().attrs
    return attributes


def test_executions_run_in_the_account_and_are_noted(running: StepFunctionsLocalContainer) -> None:
    states = running.get_client()
    arn = machine(running, "noted", passing({"answer": 42}))
    assert arn == "arn:aws:states:us-east-1:111122223333:stateMachine:noted"
    execution = states.start_execution(stateMachineArn=arn, name="one")["executionArn"]
    assert running.executions[-1] == execution
    assert json.loads(ended(states, execution)["output"]) == {"answer": 42}
    assert [event["type"] for event in running.history(execution)] == [
        "ExecutionStarted",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert "StartExecution" in running.log_tail(lines=20)
    assert len(running.log_tail(lines=1).splitlines()) == 1


def test_a_call_that_fails_is_no_execution(running: StepFunctionsLocalContainer) -> None:
    before = list(running.executions)
    states = running.get_client()
    with pytest.raises(states.exceptions.StateMachineDoesNotExist):
        states.start_execution(stateMachineArn="arn:aws:states:us-east-1:111122223333:stateMachine:gone")
    assert running.executions == before


@pytest.mark.usefixtures("containers")
def test_behind_a_bridge_the_port_is_published_on_loopback_only() -> None:
    with StepFunctionsLocalContainer(endpoint_url="http://127.0.0.1:9", network="bridge") as container:
        container.get_client().list_state_machines()
        attributes = inspected(container)
        environment = dict(line.split("=", 1) for line in attributes["Config"]["Env"])
    published = attributes["NetworkSettings"]["Ports"]["8083/tcp"]
    assert [port["HostIp"] for port in published] == ["127.0.0.1"]
    assert container.get_docker_client() is not None
    assert attributes["HostConfig"]["ExtraHosts"] == ["host.docker.internal:host-gateway"]
    assert environment["LAMBDA_ENDPOINT"] == "http://host.docker.internal:9"
    assert (
        environment["GLUE_ENDPOINT"]
        == environment["STEP_FUNCTIONS_ENDPOINT"]
        == environment["LAMBDA_ENDPOINT"]
    )


@pytest.mark.usefixtures("containers")
def test_arguments_for_docker_add_to_ours() -> None:
    container = StepFunctionsLocalContainer(network="bridge", mem_limit="1g", labels={"team": "a"})
    container.with_kwargs(extra_hosts={"db.example.com": "127.0.0.9"}, labels={"build": "7"})
    with container.with_env("WAIT_TIME_SCALE", "0.5"):
        attributes = inspected(container)
    labels = attributes["Config"]["Labels"]
    assert (labels["team"], labels["build"]) == ("a", "7")
    assert "cars.stepfunctions-local.owner-pid" in labels
    assert attributes["HostConfig"]["Memory"] == 1 << 30
    assert sorted(attributes["HostConfig"]["ExtraHosts"]) == [
        "db.example.com:127.0.0.9",
        "host.docker.internal:host-gateway",
    ]
    assert "WAIT_TIME_SCALE=0.5" in attributes["Config"]["Env"]


def test_mappings_are_merged_and_other_arguments_replaced() -> None:
    assert merged({"a": {"x": 1}, "b": 1, "c": 1}, {"a": {"y": 2}, "b": 2}) == {
        "a": {"x": 1, "y": 2},
        "b": 2,
        "c": 1,
    }


@pytest.mark.usefixtures("containers")
def test_a_port_in_use_is_an_error_before_the_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        container = StepFunctionsLocalContainer(port=taken.getsockname()[1], network="host")
        with pytest.raises(ContainerError, match="is not free"):
            container.start()
    assert container.status == "not_started"


@pytest.mark.usefixtures("containers")
def test_an_image_that_heeds_no_port_is_asked_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "heeds_port", lambda client, image: False)
    with pytest.raises(ContainerError, match="always listens on 8083, got port=9000; start it with"):
        StepFunctionsLocalContainer(port=9000, network="host").start()


@pytest.mark.usefixtures("containers")
def test_the_network_can_be_an_argument_for_docker() -> None:
    with StepFunctionsLocalContainer(port=0, network_mode="host") as container:
        assert inspected(container)["HostConfig"]["NetworkMode"] == "host"
        container.get_client().list_state_machines()


@pytest.mark.usefixtures("containers")
def test_who_does_not_answer_is_removed_and_its_log_is_in_the_error() -> None:
    container = StepFunctionsLocalContainer(port=0, start_seconds=20).with_env("LAMBDA_ENDPOINT", "nowhere")
    name = f"fails-{uuid.uuid4().hex}"
    container.with_name(name)
    with pytest.raises(
        ContainerError, match=r"(?s)does not answer.* exited, .*LAMBDA_ENDPOINT must be a URL"
    ):
        container.start()
    with pytest.raises(docker.errors.NotFound):
        docker.from_env().containers.get(name)


@pytest.mark.usefixtures("containers")
def test_mocked_responses_are_read_from_a_copy_of_the_file(tmp_path: Path) -> None:
    mocked = {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}}
    case = {
        "StateMachines": {"mocked": {"TestCases": {"Busy": {"Call": "busy"}}}},
        "MockedResponses": {"busy": mocked},
    }
    config = tmp_path / "mocks.json"
    config.write_text(json.dumps(case), encoding="utf-8")
    with StepFunctionsLocalContainer(port=0, mock_config=config) as container:
        states = container.get_client()
        arn = machine(container, "mocked", json.dumps({"StartAt": "Call", "States": {"Call": CALL}}))
        execution = states.start_execution(stateMachineArn=f"{arn}#Busy")["executionArn"]
        end = ended(states, execution)
    assert (end["status"], end["error"], end["cause"]) == ("FAILED", "Busy", "later")


def test_a_mock_configuration_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(
        ContainerError, match=r"mock_config must be the path of a JSON file, got .*absent\.json"
    ):
        StepFunctionsLocalContainer(mock_config=tmp_path / "absent.json")


@pytest.mark.usefixtures("containers")
def test_no_ryuk_is_started_and_its_setting_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", False)
    monkeypatch.setattr(testcontainers_config, "ryuk_image", "no.such.registry.invalid/ryuk:1")
    with StepFunctionsLocalContainer(port=0):
        assert testcontainers_config.ryuk_disabled is False


@pytest.mark.usefixtures("containers")
def test_a_stopped_container_can_be_stopped_again_and_started_anew() -> None:
    container = StepFunctionsLocalContainer(port=0)
    container.stop()
    with container:
        first = container.get_container_id()
    container.stop()
    with container:
        assert container.get_container_id() != first
        container.get_client().list_state_machines()


def test_a_container_that_runs_is_not_started_a_second_time(running: StepFunctionsLocalContainer) -> None:
    with pytest.raises(ContainerError, match=r"runs already; stop\(\) it before another start\(\)"):
        running.start()
    running.get_client().list_state_machines()
