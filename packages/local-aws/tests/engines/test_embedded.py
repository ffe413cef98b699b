import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue

ROLE = "arn:aws:iam::111122223333:role/states"
GLUE_SYNC = "arn:aws:states:::glue:startJobRun.sync"
INVOKE = "arn:aws:states:::lambda:invoke"


@dataclass
class Machines:
    """Short words for what the tests do with the Step Functions API."""

    glue: Glue
    functions: Functions

    def __post_init__(self) -> None:
        self.api = self.glue.aws.client("stepfunctions")
        self.count = 0

    def create(self, states: dict[str, Any], start: str | None = None, **options: Any) -> str:
        self.count += 1
        definition = json.dumps({"StartAt": start or next(iter(states)), "States": states})
        machine = self.api.create_state_machine(
            name=f"m{self.count}", definition=definition, roleArn=ROLE, **options
        )
        arn: str = machine["stateMachineArn"]
        return arn

    def wait(self, execution: str, seconds: float = 30) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            answer: dict[str, Any] = self.api.describe_execution(executionArn=execution)
            if answer["status"] != "RUNNING":
                return answer
            assert time.monotonic() < deadline, self.history(execution)[-3:]
            time.sleep(0.01)

    def run(self, states: dict[str, Any], event: Any = None) -> dict[str, Any]:
        arn = self.create(states)
        started = self.api.start_execution(stateMachineArn=arn, input=json.dumps(event or {}))
        return self.wait(started["executionArn"])

    def history(self, execution: str, **options: Any) -> list[dict[str, Any]]:
        pages = self.api.get_paginator("get_execution_history").paginate(executionArn=execution, **options)
        return [event for page in pages for event in page["events"]]


@pytest.fixture(scope="module")
def machines(glue: Glue, functions: Functions) -> Machines:
    return Machines(glue, functions)


def glue_task(job: str, **fields: Any) -> dict[str, Any]:
    arguments = fields.pop("Arguments", {})
    return {
        "Type": "Task",
        "Resource": GLUE_SYNC,
        "Parameters": {"JobName": job, "Arguments": arguments},
        **fields,
    }


def lambda_task(function: str, **fields: Any) -> dict[str, Any]:
    parameters = {"FunctionName": function, "Payload.$": "$"}
    return {"Type": "Task", "Resource": INVOKE, "Parameters": parameters, "OutputPath": "$.Payload", **fields}


def test_map_over_glue_with_lambda_retry_and_catch(machines: Machines) -> None:
    machines.glue.job(
        "load",
        "import sys\n"
        "arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))\n"
        "if arguments['--table_name'] == 'BAD':\n"
        "    raise ValueError('row 7 is bad')\n",
        ExecutionProperty={"MaxConcurrentRuns": 2},
    )
    machines.functions.create(
        "plan", "def handler(event, context):\n    return {'tables': ['A', 'BAD', 'B', 'C', 'D']}\n"
    )
    machines.functions.create(
        "check",
        "def handler(event, context):\n"
        "    return {'failed': [item['table'] for item in event if item['status'] == 'FAILED'], 'count': len(event)}\n",
    )
    retry = {
        "ErrorEquals": ["Glue.ConcurrentRunsExceededException"],
        "IntervalSeconds": 1,
        "MaxAttempts": 10,
        "BackoffRate": 1.0,
        "JitterStrategy": "FULL",
    }
    one = {
        "Load": glue_task(
            "load",
            Arguments={"--table_name.$": "$"},
            Retry=[retry],
            Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Bad"}],
            ResultPath=None,
            Next="Good",
        ),
        "Good": {"Type": "Pass", "Parameters": {"table.$": "$", "status": "SUCCESS"}, "End": True},
        "Bad": {"Type": "Pass", "Parameters": {"table.$": "$.Cause", "status": "FAILED"}, "End": True},
    }
    states = {
        "Plan": lambda_task("plan", Next="Tables"),
        "Tables": {
            "Type": "Map",
            "ItemsPath": "$.tables",
            "MaxConcurrency": 4,
            "ItemProcessor": {"StartAt": "Load", "States": one},
            "Next": "Check",
        },
        "Check": lambda_task("check", End=True),
    }
    result = machines.run(states)
    assert result["status"] == "SUCCEEDED", result
    output = json.loads(result["output"])
    assert output["count"] == 5
    (cause,) = (json.loads(text) for text in output["failed"])
    assert cause["JobRunState"] == "FAILED"
    assert cause["ErrorMessage"] == "ValueError: row 7 is bad"
    assert cause["Arguments"] == {"--table_name": "BAD"}
    assert cause["JobName"] == "load"
    assert isinstance(cause["StartedOn"], int)
    types = [event["type"] for event in machines.history(result["executionArn"])]
    assert types.count("TaskSubmitted") == 5
    assert types.count("MapIterationSucceeded") == 5


def test_uncaught_failure_of_an_iteration_fails_the_execution_with_its_cause(machines: Machines) -> None:
    machines.glue.job("breaks", "raise SystemExit('no such table')")
    inner = {"StartAt": "Load", "States": {"Load": glue_task("breaks", End=True)}}
    result = machines.run(
        {"Each": {"Type": "Map", "ItemsPath": "$", "ItemProcessor": inner, "End": True}}, [1]
    )
    assert (result["status"], result["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(result["cause"])["ErrorMessage"] == "SystemExit: no such table"


@pytest.mark.parametrize(
    ("source", "settings", "error", "words"),
    [
        (
            "class BadEvent(Exception): pass\ndef handler(e, c): raise BadEvent('no date')",
            {},
            "BadEvent",
            "no date",
        ),
        (
            "import time\ndef handler(e, c): time.sleep(9)",
            {"Timeout": 1},
            "Sandbox.Timedout",
            "timed out after 1.00",
        ),
        ("import absent", {}, "Runtime.ImportModuleError", "No module named 'absent'"),
    ],
)
def test_errors_of_functions_have_the_names_of_aws(
    machines: Machines, source: str, settings: dict[str, Any], error: str, words: str
) -> None:
    name = machines.functions.create(f"errors-{error.replace('.', '-')}", source, **settings)
    result = machines.run({"Call": lambda_task(name, End=True)})
    assert (result["status"], result["error"]) == ("FAILED", error)
    assert words in json.loads(result["cause"])["errorMessage"]


def test_unknown_function_and_job_are_service_errors(machines: Machines) -> None:
    called = machines.run({"Call": lambda_task("nobody", End=True)})
    assert called["error"] == "Lambda.ResourceNotFoundException"
    started = machines.run({"Load": glue_task("nobody", End=True)})
    assert started["error"] == "Glue.EntityNotFoundException"


def test_task_over_its_timeout_stops_its_job_run(machines: Machines) -> None:
    machines.glue.job("sleeps", "import time; time.sleep(60)", Timeout=100)
    result = machines.run({"Load": glue_task("sleeps", TimeoutSeconds=1, End=True)})
    assert (result["status"], result["error"]) == ("FAILED", "States.Timeout")
    run = machines.glue.api.get_job_runs(JobName="sleeps")["JobRuns"][0]
    assert machines.glue.wait("sleeps", run["Id"])["JobRunState"] == "STOPPED"


def test_stopped_execution_stops_its_job_run(machines: Machines) -> None:
    machines.glue.job("stopped", "import time; time.sleep(60)", Timeout=100)
    arn = machines.create({"Load": glue_task("stopped", End=True)})
    execution = machines.api.start_execution(stateMachineArn=arn)["executionArn"]
    deadline = time.monotonic() + 20
    while not machines.glue.api.get_job_runs(JobName="stopped")["JobRuns"]:
        assert time.monotonic() < deadline
    machines.api.stop_execution(executionArn=execution, error="Operator", cause="by hand")
    result = machines.wait(execution)
    assert (result["status"], result["error"], result["cause"]) == ("ABORTED", "Operator", "by hand")
    run = machines.glue.api.get_job_runs(JobName="stopped")["JobRuns"][0]
    assert machines.glue.wait("stopped", run["Id"])["JobRunState"] == "STOPPED"


def test_execution_can_be_stopped_as_soon_as_it_is_started(machines: Machines) -> None:
    arn = machines.create({"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
    for _ in range(20):
        execution = machines.api.start_execution(stateMachineArn=arn)["executionArn"]
        machines.api.stop_execution(executionArn=execution)
        assert machines.wait(execution)["status"] == "ABORTED"


def test_machine_over_its_timeout_is_timed_out(machines: Machines) -> None:
    definition = {
        "StartAt": "Wait", "TimeoutSeconds": 1, "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}
    }  # fmt: skip
    machine = machines.api.create_state_machine(name="slow", definition=json.dumps(definition), roleArn=ROLE)
    started = machines.api.start_execution(stateMachineArn=machine["stateMachineArn"])
    result = machines.wait(started["executionArn"])
    assert result["status"] == "TIMED_OUT"
    assert result["stopDate"] >= result["startDate"]


def test_state_data_of_262144_bytes_passes_and_one_more_fails_and_nothing_catches_it(
    machines: Machines,
) -> None:
    machines.functions.create("grow", "def handler(event, context):\n    return 'x' * event\n")
    caught = {"Type": "Pass", "Result": "caught", "End": True}
    states = {
        "Grow": {
            **lambda_task("grow", End=True),
            "ResultSelector": {"Payload.$": "$.Payload"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        },
        "Caught": caught,
    }
    overhead = len('{"ExecutedVersion":"$LATEST","Payload":"","StatusCode":200}')
    fits = machines.run(states, 262_144 - overhead)
    assert fits["status"] == "SUCCEEDED", fits.get("cause")
    over = machines.run(states, 262_144 - overhead + 1)
    assert (over["status"], over["error"]) == ("FAILED", "States.DataLimitExceeded")
    assert "exceeding the maximum number of bytes service limit" in over["cause"]


def test_results_of_a_map_together_over_the_limit_fail(machines: Machines) -> None:
    item = {"StartAt": "One", "States": {"One": {"Type": "Pass", "Result": "x" * 30_000, "End": True}}}
    result = machines.run(
        {"Each": {"Type": "Map", "ItemsPath": "$", "ItemProcessor": item, "End": True}}, [1] * 9
    )
    assert (result["status"], result["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_missing_path_is_a_runtime_error_that_nothing_catches(machines: Machines) -> None:
    machines.functions.create("never", "def handler(event, context): pass")
    task = lambda_task("never", End=True) | {
        "Parameters": {"FunctionName": "never", "Payload": {"a.$": "$.absent"}}
    }
    task["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    result = machines.run({"Call": task, "Caught": {"Type": "Succeed"}})
    assert (result["status"], result["error"]) == ("FAILED", "States.Runtime")
    assert "$.absent" in result["cause"]


def test_task_failed_matches_every_error_but_timeouts(machines: Machines) -> None:
    machines.functions.create("fails", "class Own(Exception): pass\ndef handler(e, c): raise Own('x')")
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]
    states = {"Call": lambda_task("fails", Catch=catch, End=True), "Caught": {"Type": "Succeed"}}
    assert machines.run(states)["status"] == "SUCCEEDED"


def test_map_of_1200_items_one_at_a_time(machines: Machines) -> None:
    item = {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
    each = {"Type": "Map", "ItemsPath": "$", "MaxConcurrency": 1, "ItemProcessor": item, "End": True}
    result = machines.run({"Each": each}, list(range(1200)))
    assert result["status"] == "SUCCEEDED", result.get("cause")
    assert json.loads(result["output"]) == list(range(1200))
    assert len(machines.history(result["executionArn"])) == 6 + 4 * 1200


def test_history_comes_in_pages_from_both_ends(machines: Machines) -> None:
    result = machines.run(
        {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(5)} | {"S5": {"Type": "Succeed"}}
    )
    arn = result["executionArn"]
    ids = [event["id"] for event in machines.history(arn)]
    assert ids == list(range(1, len(ids) + 1))
    page = machines.api.get_execution_history(executionArn=arn, maxResults=3)
    following = machines.api.get_execution_history(
        executionArn=arn, maxResults=3, nextToken=page["nextToken"]
    )
    assert [event["id"] for event in page["events"] + following["events"]] == [1, 2, 3, 4, 5, 6]
    last = machines.api.get_execution_history(executionArn=arn, maxResults=2, reverseOrder=True)
    assert [event["type"] for event in last["events"]] == ["ExecutionSucceeded", "SucceedStateExited"]
    assert [event["id"] for event in machines.history(arn, reverseOrder=True)] == ids[::-1]
    bare = machines.history(arn, includeExecutionData=False)
    assert all("input" not in event.get("stateEnteredEventDetails", {}) for event in bare)
    with pytest.raises(ClientError, match="Invalid Token"):
        machines.api.get_execution_history(executionArn=arn, nextToken="nonsense")


def test_same_name_and_input_is_the_same_execution_and_another_input_is_refused(machines: Machines) -> None:
    arn = machines.create({"Wait": {"Type": "Wait", "Seconds": 30, "End": True}})
    first = machines.api.start_execution(stateMachineArn=arn, name="one", input="{}")["executionArn"]
    assert machines.api.start_execution(stateMachineArn=arn, name="one", input="{}")["executionArn"] == first
    with pytest.raises(ClientError) as refused:
        machines.api.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    assert refused.value.response["Error"]["Code"] == "ExecutionAlreadyExists"
    machines.api.stop_execution(executionArn=first)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": "with space"}, "InvalidName"),
        ({"input": "{"}, "InvalidExecutionInput"),
        ({"input": json.dumps("x" * 262_143)}, "InvalidExecutionInput"),
    ],
)
def test_executions_that_aws_refuses_are_refused(
    machines: Machines, options: dict[str, str], code: str
) -> None:
    arn = machines.create({"Done": {"Type": "Succeed"}})
    with pytest.raises(ClientError) as refused:
        machines.api.start_execution(stateMachineArn=arn, **options)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ("not json", "INVALID_JSON_DESCRIPTION"),
        ({"States": {"A": {"Type": "Succeed"}}}, "StartAt must name a state"),
        ({"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}, "StartAt must name a state, got 'B'"),
        ({"StartAt": "A", "States": {}}, "States is required"),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "X"}}},
            "Missing 'Next' target: X at /States/A/Next",
        ),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Pass"}}},
            "exactly one of Next and End is required at /States/A",
        ),
        (
            {"StartAt": "A", "States": {"A": {"Type": "Task", "End": True}}},
            "Resource is required at /States/A/Resource",
        ),
        ({"StartAt": "A", "States": {"A": {"Type": "Tsk", "End": True}}}, "Type must be one of"),
        (
            {
                "StartAt": "A",
                "States": {
                    "A": {
                        "Type": "Map",
                        "End": True,
                        "ItemProcessor": {"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "A"}}},
                    }
                },
            },
            "Missing 'Next' target: A at /States/A/ItemProcessor/States/B/Next",
        ),
    ],
)
def test_definitions_that_aws_refuses_are_refused(machines: Machines, definition: Any, words: str) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    with pytest.raises(ClientError) as refused:
        machines.api.create_state_machine(name="refused", definition=text, roleArn=ROLE)
    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"
    assert words in refused.value.response["Error"]["Message"]


def test_events_are_logged_at_the_level_of_the_machine(machines: Machines) -> None:
    machines.glue.logs.create_log_group(logGroupName="/aws/vendedlogs/states/m")
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/states/m:*"
    logging = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}
    states = {"Fail": {"Type": "Fail", "Error": "Own", "Cause": "because"}}
    machine = machines.create(states, loggingConfiguration=logging | {"includeExecutionData": False})
    started = machines.api.start_execution(stateMachineArn=machine, input='{"secret": "value"}')
    machines.wait(started["executionArn"])
    events = machines.glue.logs.filter_log_events(logGroupName="/aws/vendedlogs/states/m")["events"]
    lines = [json.loads(event["message"]) for event in events]
    assert [line["type"] for line in lines] == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]
    assert {line["execution_arn"] for line in lines} == {started["executionArn"]}
    assert "secret" not in json.dumps(lines)


def test_child_execution_is_waited_for(machines: Machines) -> None:
    child = machines.create({"Done": {"Type": "Pass", "Result": {"answer": 42}, "End": True}})
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child, "Input": {}},
        "OutputPath": "$.Output",
        "End": True,
    }
    result = machines.run({"Call": call})
    assert result["status"] == "SUCCEEDED", result["cause"]
    assert json.loads(result["output"]) == {"answer": 42}


def test_forty_two_job_runs_do_not_wait_for_each_other_to_be_noticed(machines: Machines) -> None:
    machines.glue.job("table", "import time; time.sleep(0.05)", ExecutionProperty={"MaxConcurrentRuns": 50})
    machines.glue.run("table")
    item = {"StartAt": "Load", "States": {"Load": glue_task("table", ResultPath=None, End=True)}}
    each = {"Type": "Map", "ItemsPath": "$", "MaxConcurrency": 20, "ItemProcessor": item, "End": True}
    began = time.monotonic()
    assert machines.run({"Each": each}, list(range(42)))["status"] == "SUCCEEDED"
    assert time.monotonic() - began < 12
