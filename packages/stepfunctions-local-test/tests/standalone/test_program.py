"""The engine on its own: everything it does goes over HTTP, as it does in a container."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue
from local_aws.testing.scenes import ROLE, Ended, Scenes, mocked_task, returns, throws

SCALE = 0.01
GLUE_SYNC = "arn:aws:states:::glue:startJobRun.sync"


@dataclass
class Program:
    """The program as a process of its own, as an image starts it."""

    variables: dict[str, str]
    process: subprocess.Popen[str]
    url: str
    log: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, **variables: str) -> "Program":
        environment = {**os.environ, "SFN_LOCAL_BIND": "127.0.0.1", "SFN_LOCAL_PORT": "0", **variables}
        process = subprocess.Popen(
            [sys.executable, "-m", "stepfunctions_local_test.standalone"],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        running = cls(variables, process, found[0])
        threading.Thread(target=lambda: running.log.extend(process.stdout or ()), daemon=True).start()
        return running

    def client(self) -> Any:
        return boto3.client(
            "stepfunctions",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=10)

    def logged(self, pattern: str) -> str:
        """The log up to the first line with the pattern."""
        deadline = time.monotonic() + 10
        while not re.search(pattern, "".join(self.log)):
            assert time.monotonic() < deadline, self.log
            time.sleep(0.01)
        return "".join(self.log)


@pytest.fixture(scope="module")
def program(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    config = tmp_path_factory.mktemp("mocks") / "mock.json"
    config.write_text('{"StateMachines": {}, "MockedResponses": {}}')
    running = Program.start(
        LAMBDA_ENDPOINT=aws.endpoint_url,
        GLUE_ENDPOINT=aws.endpoint_url,
        STEP_FUNCTIONS_ENDPOINT=aws.endpoint_url,
        AWS_ACCESS_KEY_ID="local",
        AWS_SECRET_ACCESS_KEY="local",
        AWS_ACCOUNT_ID="111122223333",
        WAIT_TIME_SCALE=str(SCALE),
        SFN_MOCK_CONFIG=str(config),
    )
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def bare() -> Iterator[Program]:
    """The program without an account, and with an endpoint that nothing serves."""
    running = Program.start(
        AWS_ACCOUNT_ID="",
        LAMBDA_ENDPOINT="http://127.0.0.1:1",
        AWS_ACCESS_KEY_ID="any",
        AWS_SECRET_ACCESS_KEY="any",
    )
    yield running
    assert running.stop() == 0


@pytest.fixture
def scenes(program: Program) -> Scenes:
    return Scenes(program.client(), Path(program.variables["SFN_MOCK_CONFIG"]))


def started(scenes: Scenes, states: dict[str, Any], given: Any = None) -> str:
    definition = json.dumps({"StartAt": next(iter(states)), "States": states})
    name = f"m-{uuid.uuid4().hex[:8]}"
    arn = scenes.api.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]
    execution = scenes.api.start_execution(stateMachineArn=arn, input=json.dumps(given or {}))
    return str(execution["executionArn"])


def run(scenes: Scenes, states: dict[str, Any], given: Any = None) -> Ended:
    return scenes.wait(started(scenes, states, given))


def job_run(job: str, **fields: Any) -> dict[str, Any]:
    parameters = {"JobName": job, "Arguments": {"--word": "x"}}
    return {"Type": "Task", "Resource": GLUE_SYNC, "Parameters": parameters, "End": True, **fields}


def test_machines_and_executions_have_the_account_of_the_variable(scenes: Scenes) -> None:
    ended = run(scenes, {"P": {"Type": "Pass", "End": True}})
    assert ended.description["executionArn"].startswith("arn:aws:states:us-east-1:111122223333:execution:m-")


def test_without_the_variable_the_account_is_that_of_step_functions_local(bare: Program) -> None:
    arn = started(Scenes(bare.client(), Path()), {"P": {"Type": "Pass", "End": True}})
    assert ":123456789012:execution:" in arn


def test_a_function_runs_at_the_lambda_endpoint(scenes: Scenes, functions: Functions) -> None:
    functions.create("alone-doubles", "def handler(event, context): return {'twice': event['n'] * 2}")
    parameters = {"FunctionName": "alone-doubles", "Payload.$": "$"}
    ended = run(
        scenes, {"F": mocked_task(Parameters=parameters, OutputPath="$.Payload", End=True)}, {"n": 21}
    )
    assert ended.output == {"twice": 42}


def test_an_error_of_a_function_is_caught_by_its_name(scenes: Scenes, functions: Functions) -> None:
    functions.create("alone-fails", "def handler(event, context): raise LookupError('nothing here')")
    catch = [{"ErrorEquals": ["LookupError"], "Next": "Caught"}]
    states = {
        "F": mocked_task(Parameters={"FunctionName": "alone-fails"}, Catch=catch, End=True),
        "Caught": {"Type": "Pass", "End": True},
    }
    assert json.loads(run(scenes, states).output["Cause"])["errorMessage"] == "nothing here"


def test_a_function_that_is_not_there_is_an_error_of_the_service(scenes: Scenes) -> None:
    ended = run(scenes, {"F": mocked_task(Parameters={"FunctionName": "alone-gone"}, End=True)})
    assert (ended.status, ended.description["error"]) == ("FAILED", "Lambda.ResourceNotFoundException")


def test_an_unreachable_endpoint_is_an_error_of_the_sdk(bare: Program) -> None:
    ended = run(Scenes(bare.client(), Path()), {"F": mocked_task(End=True)})
    assert ended.description["error"] == "Lambda.SdkClientException"
    assert "http://127.0.0.1:1" in ended.description["cause"]


def test_a_job_run_is_waited_for(scenes: Scenes, glue: Glue) -> None:
    glue.job("alone-good", "import sys; assert '--word' in sys.argv")
    assert run(scenes, {"G": job_run("alone-good")}).output["JobRunState"] == "SUCCEEDED"


def test_a_job_run_that_fails_is_a_failed_task_with_the_run_as_its_cause(scenes: Scenes, glue: Glue) -> None:
    glue.job("alone-bad", "raise SystemExit('no such table')")
    ended = run(scenes, {"G": job_run("alone-bad")})
    assert (ended.status, ended.description["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(ended.description["cause"])["JobRunState"] == "FAILED"


@pytest.mark.parametrize(("how", "state"), [("stopped", "STOPPED"), ("late", "TIMEOUT")])
def test_a_job_run_that_is_stopped_or_too_late_is_a_failed_task(
    scenes: Scenes, glue: Glue, how: str, state: str
) -> None:
    job = glue.job(f"alone-{how}", "import time; time.sleep(60)", Timeout=1 if how == "late" else 60)
    execution = started(scenes, {"G": job_run(job)})
    if how == "stopped":
        glue.api.batch_stop_job_run(JobName=job, JobRunIds=[running_run(glue, job)])
    ended = scenes.wait(execution)
    assert (ended.status, ended.description["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(ended.description["cause"])["JobRunState"] == state


def running_run(glue: Glue, job: str) -> str:
    deadline = time.monotonic() + 20
    while True:
        runs = glue.api.get_job_runs(JobName=job)["JobRuns"]
        if runs and runs[0]["JobRunState"] == "RUNNING":
            return str(runs[0]["Id"])
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_stopped_execution_stops_its_job_run(scenes: Scenes, glue: Glue) -> None:
    glue.job("alone-slow", "import time; time.sleep(60)")
    execution = started(scenes, {"G": job_run("alone-slow")})
    run_id = running_run(glue, "alone-slow")
    scenes.api.stop_execution(executionArn=execution)
    assert glue.wait("alone-slow", run_id)["JobRunState"] == "STOPPED"


def test_a_child_execution_runs_at_the_step_functions_endpoint(scenes: Scenes, aws: LocalAws) -> None:
    definition = json.dumps(
        {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"of": "child"}, "End": True}}}
    )
    child = aws.client("stepfunctions").create_state_machine(
        name="alone-child", definition=definition, roleArn=ROLE
    )
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child["stateMachineArn"]},
        "End": True,
    }
    assert run(scenes, {"C": task}).output["Output"] == {"of": "child"}


def test_waits_and_delays_are_scaled(scenes: Scenes) -> None:
    retrier = {"ErrorEquals": ["Lambda.ServiceException"], "IntervalSeconds": 30, "MaxAttempts": 1}
    states = {"W": {"Type": "Wait", "Seconds": 20, "Next": "T"}, "T": mocked_task(Retry=[retrier], End=True)}
    ended = scenes.run(states, {"T": {"0": throws("Lambda.ServiceException"), "1": returns("done")}})
    assert ended.status == "SUCCEEDED"
    assert timedelta(seconds=50 * SCALE) <= ended.took < timedelta(seconds=50 * SCALE + 5)


def test_tasks_are_mocked(scenes: Scenes) -> None:
    ended = scenes.run({"T": mocked_task(OutputPath="$.Payload", End=True)}, {"T": {"0": returns("mocked")}})
    assert ended.output == "mocked"


@pytest.mark.parametrize(
    "fields", [{"QueryLanguage": "JSONata"}, {"Assign": {"a": 1}}, {"Type": "Task", "Arguments": {}}]
)
def test_what_step_functions_local_does_not_know_is_refused(scenes: Scenes, fields: dict[str, Any]) -> None:
    state = {"Type": "Pass", "End": True, **fields}
    if state["Type"] == "Task":
        state["Resource"] = "arn:aws:states:::lambda:invoke"
    definition = json.dumps({"StartAt": "P", "States": {"P": state}})
    with pytest.raises(ClientError, match="InvalidDefinition"):
        scenes.api.create_state_machine(name="newer", definition=definition, roleArn=ROLE)


@pytest.mark.parametrize("variable", ["WAIT_TIME_SCALE", "SFN_MOCK_CONFIG"])
def test_an_invalid_variable_is_an_error_and_exit_code_1(variable: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "stepfunctions_local_test.standalone"],
        env={**os.environ, variable: "nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: ")
    assert "nowhere" in ended.stderr


def test_the_log_has_changes_and_failures_and_no_successful_reads(bare: Program) -> None:
    api = bare.client()
    started(Scenes(api, Path()), {"P": {"Type": "Pass", "End": True}})
    api.list_state_machines()
    with pytest.raises(ClientError):
        api.describe_execution(executionArn="arn:aws:states:us-east-1:123456789012:execution:a:b")
    log = bare.logged(r"DescribeExecution 400 .*ExecutionDoesNotExist")
    assert "CreateStateMachine 200" in log
    assert "ListStateMachines" not in log
