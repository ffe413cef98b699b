import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.emulator.settings import ACCOUNT
from local_aws.engines.in_process import engine
from local_aws.engines.python_targets import (
    FunctionFailed,
    JobRunFailed,
    PythonFunctions,
    ServiceRefused,
    Targets,
    run_job,
)
from local_aws.errors import LocalAwsError

ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:double"


def invoke(**fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": ARN, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "End": True,
        **fields,
    }


def load(**fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Parameters": {"JobName": "load", "Arguments": {"--table.$": "$.table"}},
        "End": True,
        **fields,
    }


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def raising(error: Exception) -> Any:
    def target(_given: dict[str, Any]) -> Any:
        raise error

    return target


def double(payload: dict[str, Any]) -> int:
    return 2 * int(payload["n"])


def test_a_task_gets_the_answer_of_its_function() -> None:
    done = engine().run(machine(Only=invoke()), Targets({"double": double}, {}), {"n": 21})
    assert (done.status, done.output) == ("SUCCEEDED", 42)
    assert done.events[-1]["type"] == "ExecutionSucceeded"


def test_a_job_gets_its_arguments_and_answers_with_its_run() -> None:
    seen: list[dict[str, Any]] = []
    done = engine().run(machine(Only=load()), Targets({}, {"load": seen.append}), {"table": "FARM"})
    assert seen == [{"--table": "FARM"}]
    assert (done.output["JobName"], done.output["JobRunState"]) == ("load", "SUCCEEDED")


def test_an_error_of_a_function_has_its_name_and_message() -> None:
    done = engine().run(
        machine(Only=invoke()), Targets({"double": raising(FunctionFailed("BadEvent", "n is missing"))}, {})
    )
    assert (done.status, done.error) == ("FAILED", "BadEvent")
    assert "n is missing" in (done.cause or "")


def test_a_refused_call_is_an_error_of_the_service() -> None:
    targets = Targets(
        {"double": raising(ServiceRefused("TooManyRequestsException"))},
        {"load": raising(ServiceRefused("ConcurrentRunsExceededException"))},
    )
    assert engine().run(machine(Only=invoke()), targets).error == "Lambda.TooManyRequestsException"
    refused = engine().run(machine(Only=load()), targets, {"table": "FARM"})
    assert refused.error == "Glue.ConcurrentRunsExceededException"


def test_a_failed_job_run_fails_its_task() -> None:
    targets = Targets({}, {"load": raising(JobRunFailed("no such column"))})
    done = engine().run(machine(Only=load()), targets, {"table": "FARM"})
    assert done.error == "States.TaskFailed"
    assert '"ErrorMessage":"no such column"' in (done.cause or "")


def test_waiting_and_time_limits_pass_in_simulated_time() -> None:
    def slow(_payload: dict[str, Any]) -> None:
        engine().sleep(3600)

    before = engine().seconds()
    states = machine(Wait={"Type": "Wait", "Seconds": 7200, "Next": "Slow"}, Slow=invoke(TimeoutSeconds=600))
    done = engine().run(states, Targets({"double": slow}, {}), limit=30)
    assert done.error == "States.Timeout"
    assert engine().seconds() - before >= 7200 + 600


@pytest.mark.parametrize(("causes", "caught"), [(True, {"Error", "Cause"}), (False, {"Error"})])
def test_a_catch_gets_a_cause_unless_it_is_left_out(causes: bool, caught: set[str]) -> None:
    states = machine(
        Only=invoke(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]), Caught={"Type": "Succeed"}
    )
    done = engine().run(
        states, Targets({"double": raising(FunctionFailed("BadEvent", "x"))}, {}), causes=causes
    )
    assert done.output.keys() == caught


def test_a_name_may_be_used_by_every_execution() -> None:
    targets = Targets({"double": double}, {})
    outputs = [engine().run(machine(Only=invoke()), targets, {"n": n}, name="run-1").output for n in (1, 2)]
    assert outputs == [2, 4]


def test_an_execution_that_does_not_end_in_real_time_is_an_error() -> None:
    over = threading.Event()
    targets = Targets({"double": lambda payload: over.wait(30)}, {})
    try:
        with pytest.raises(LocalAwsError, match=r"still running after 0\.1 s"):
            engine().run(machine(Only=invoke()), targets, limit=0.1)
    finally:
        over.set()


def test_a_function_and_a_job_that_do_not_exist_are_refused_as_by_aws() -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        PythonFunctions({}).invoke(FunctionName=f"{ARN}:7")
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        run_job({}, "load", {})


def test_a_version_of_a_function_is_called_by_its_name() -> None:
    answer = PythonFunctions({"double": double}).invoke(FunctionName=f"{ARN}:7", Payload=b'{"n": 4}')
    assert answer["Payload"].read() == b"8"
