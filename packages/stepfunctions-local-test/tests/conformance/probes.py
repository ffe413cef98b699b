"""Questions to an engine; each answers with a few words that can be compared and recorded."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from local_aws.testing.roles import allow, make_role
from local_aws.testing.scenes import mocked_task

from .targets import Target

Probe = Callable[[Target], str]
PROBES: dict[str, Probe] = {}

PASS = {"P": {"Type": "Pass", "End": True}}
LIMIT = 262_144


def probe(function: Probe) -> Probe:
    PROBES[function.__name__] = function
    return function


def function(target: Target, name: str, source: str) -> str:
    """A function of the target's own; the name of one that is there."""
    full = f"{name}-{target.name}"
    if full not in {one["FunctionName"] for one in target.functions.api.list_functions()["Functions"]}:
        target.functions.create(full, source)
    return full


def invoke(name: str, **fields: Any) -> dict[str, Any]:
    return mocked_task(Parameters={"FunctionName": name, "Payload.$": "$"}, **fields)


def job_run(name: str, **fields: Any) -> dict[str, Any]:
    resource = "arn:aws:states:::glue:startJobRun.sync"
    return {"Type": "Task", "Resource": resource, "Parameters": {"JobName": name}, "End": True, **fields}


def caught(state: Mapping[str, Any], *errors: str) -> dict[str, Any]:
    """The state, with what follows when one of the errors is caught."""
    catch = [{"ErrorEquals": list(errors), "Next": "Caught"}]
    return {"T": {**state, "Catch": catch}, "Caught": {"Type": "Pass", "Result": "caught", "End": True}}


@probe
def role_without_permission(target: Target) -> str:
    name = function(target, "conf-any", "def handler(event, context): return 1")
    role = f"conf-poor-{target.name}"
    arn = make_role(target.aws, role, "states", allow("s3:GetObject"))
    return target.outcome({"T": invoke(name, OutputPath="$.Payload", End=True)}, roleArn=arn)


@probe
def role_that_is_not_there(target: Target) -> str:
    return target.outcome(PASS, roleArn="arn:aws:iam::111122223333:role/nobody")


@probe
def jsonata(target: Target) -> str:
    states = {"P": {"Type": "Pass", "Output": "{% 1 + 1 %}", "End": True}}
    return target.outcome(states, machine={"QueryLanguage": "JSONata"})


@probe
def variables(target: Target) -> str:
    states = {
        "P": {"Type": "Pass", "Assign": {"kept": 5}, "Next": "Q"},
        "Q": {"Type": "Pass", "Parameters": {"got.$": "$kept"}, "End": True},
    }
    return target.outcome(states)


@probe
def versions(target: Target) -> str:
    try:
        target.api.publish_state_machine_version(stateMachineArn=target.create(PASS))
    except ClientError as error:
        return f"refused: {error.response['Error']['Code']}"
    return "published"


@probe
def log_of_the_history(target: Target) -> str:
    group = f"/conf/{target.name}"
    target.glue.logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:111122223333:log-group:{group}:*"
    logging = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}
    target.run(PASS, loggingConfiguration=logging)
    streams = target.glue.logs.describe_log_streams(logGroupName=group)["logStreams"]
    return "logged" if streams else "not logged"


@probe
def case_that_is_not_there(target: Target) -> str:
    try:
        target.api.start_execution(stateMachineArn=f"{target.create(PASS)}#Case")
    except ClientError as error:
        return f"refused: {error.response['Error']['Code']}"
    return "started"


@probe
def scaled_wait(target: Target) -> str:
    ended = target.run({"W": {"Type": "Wait", "Seconds": 2, "End": True}})
    took = (ended["stopDate"] - ended["startDate"]).total_seconds()
    return "takes its time" if took >= 2 else "is scaled"


@probe
def limit_of_a_task(target: Target) -> str:
    name = function(target, "conf-slow", "import time\ndef handler(event, context): time.sleep(3)")
    return target.outcome({"T": invoke(name, TimeoutSeconds=1, End=True)})


@probe
def heartbeat_that_stays_away(target: Target) -> str:
    name = function(target, "conf-quiet", "def handler(event, context): return event")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": name, "Payload": {"token.$": "$$.Task.Token"}},
        "HeartbeatSeconds": 1,
        "End": True,
    }
    return target.outcome({"T": task})


@probe
def error_of_a_function(target: Target) -> str:
    name = function(target, "conf-bad", "def handler(event, context): raise KeyError('x')")
    return target.outcome({"T": invoke(name, End=True)})


@probe
def function_that_is_not_there(target: Target) -> str:
    return target.outcome({"T": invoke("conf-nowhere", End=True)})


@probe
def job_run_that_fails(target: Target) -> str:
    job = target.glue.job(f"conf-bad-{target.name}", "raise SystemExit('no such table')")
    ended = target.run({"G": job_run(job)})
    return f"fails: {ended['error']}, {json.loads(ended['cause'])['JobRunState']}"


@probe
def job_run_that_is_stopped(target: Target) -> str:
    job = target.glue.job(f"conf-stop-{target.name}", "import time; time.sleep(60)")
    started = target.api.start_execution(stateMachineArn=target.create({"G": job_run(job)}))
    target.glue.api.batch_stop_job_run(JobName=job, JobRunIds=[_running(target, job)])
    ended = target.wait(started["executionArn"])
    return f"fails: {ended['error']}, {json.loads(ended['cause'])['JobRunState']}"


@probe
def job_that_is_busy(target: Target) -> str:
    job = target.glue.job(
        f"conf-busy-{target.name}", "import time; time.sleep(60)", ExecutionProperty={"MaxConcurrentRuns": 1}
    )
    run = target.glue.start(job)
    ended = target.outcome({"G": job_run(job)})
    target.glue.api.batch_stop_job_run(JobName=job, JobRunIds=[run])
    return ended


@probe
def stopping_an_execution_stops_its_job_run(target: Target) -> str:
    job = target.glue.job(f"conf-abort-{target.name}", "import time; time.sleep(60)")
    started = target.api.start_execution(stateMachineArn=target.create({"G": job_run(job)}))
    run = _running(target, job)
    target.api.stop_execution(executionArn=started["executionArn"])
    ended = target.wait(started["executionArn"])
    return f"{ended['status']}, {target.glue.wait(job, run)['JobRunState']}"


def _running(target: Target, job: str) -> str:
    deadline = time.monotonic() + 30
    while True:
        runs = target.glue.api.get_job_runs(JobName=job)["JobRuns"]
        if runs and runs[0]["JobRunState"] == "RUNNING":
            return str(runs[0]["Id"])
        assert time.monotonic() < deadline
        time.sleep(0.02)


@probe
def state_data_over_the_limit(target: Target) -> str:
    return target.outcome({"P": {"Type": "Pass", "Result": "x" * (LIMIT + 1), "End": True}})


@probe
def states_all_and_the_data_limit(target: Target) -> str:
    name = function(target, "conf-large", f"def handler(event, context): return 'x' * {LIMIT}")
    return target.outcome(caught(invoke(name, End=True), "States.ALL"))


@probe
def the_data_limit_by_its_name(target: Target) -> str:
    name = function(target, "conf-large", f"def handler(event, context): return 'x' * {LIMIT}")
    return target.outcome(caught(invoke(name, End=True), "States.DataLimitExceeded"))


@probe
def states_all_and_a_missing_path(target: Target) -> str:
    task = mocked_task(Parameters={"FunctionName": "any", "Payload.$": "$.missing"}, End=True)
    return target.outcome(caught(task, "States.ALL"))


@probe
def task_failed_and_a_timeout(target: Target) -> str:
    name = function(target, "conf-slow", "import time\ndef handler(event, context): time.sleep(3)")
    return target.outcome(caught(invoke(name, TimeoutSeconds=1, End=True), "States.TaskFailed"))


@probe
def error_path_of_a_fail_state(target: Target) -> str:
    fail = {"Type": "Fail", "ErrorPath": "States.Format('My.{}', $.name)", "CausePath": "$.why"}
    return target.outcome({"F": fail}, {"name": "Error", "why": "because"})


@probe
def escaped_braces(target: Target) -> str:
    states = {"P": {"Type": "Pass", "Parameters": {"text.$": r"States.Format('\{{}\}', 'x')"}, "End": True}}
    return target.outcome(states)


@probe
def merge_of_objects(target: Target) -> str:
    merged = 'States.JsonMerge(States.StringToJson(\'{"a":1,"b":2}\'), $, false)'
    states = {"P": {"Type": "Pass", "Parameters": {"m.$": merged}, "OutputPath": "$.m", "End": True}}
    return target.outcome(states, {"b": 3})


@probe
def target_that_is_not_there(target: Target) -> str:
    return target.outcome({"P": {"Type": "Pass", "Next": "Nowhere"}})


@probe
def same_name_again_while_running(target: Target) -> str:
    return _again(target, {"W": {"Type": "Wait", "Seconds": 60, "End": True}}, "{}", ended=False)


@probe
def same_name_with_another_input(target: Target) -> str:
    return _again(target, {"W": {"Type": "Wait", "Seconds": 60, "End": True}}, '{"a":1}', ended=False)


@probe
def same_name_again_when_ended(target: Target) -> str:
    return _again(target, PASS, "{}", ended=True)


def _again(target: Target, states: Mapping[str, Any], given: str, *, ended: bool) -> str:
    arn = target.create(states)
    first = target.api.start_execution(stateMachineArn=arn, name="once", input="{}")["executionArn"]
    if ended:
        target.wait(first)
    try:
        second = target.api.start_execution(stateMachineArn=arn, name="once", input=given)["executionArn"]
    except ClientError as error:
        return f"refused: {error.response['Error']['Code']}"
    return "the same execution" if second == first else "another execution"


@probe
def update_while_running(target: Target) -> str:
    states = {
        "W": {"Type": "Wait", "Seconds": 1, "Next": "P"},
        "P": {"Type": "Pass", "Result": "old", "End": True},
    }
    arn = target.create(states)
    started = target.api.start_execution(stateMachineArn=arn)
    newer = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "new", "End": True}}}
    target.api.update_state_machine(stateMachineArn=arn, definition=json.dumps(newer))
    return f"succeeds: {target.wait(started['executionArn'])['output']}"


@probe
def account_of_a_machine(target: Target) -> str:
    return target.create(PASS).split(":")[4]


@probe
def timeout_of_an_execution(target: Target) -> str:
    states = {"W": {"Type": "Wait", "Seconds": 2000, "End": True}}
    started = target.api.start_execution(stateMachineArn=target.create(states, machine={"TimeoutSeconds": 1}))
    ended = target.wait(started["executionArn"])
    return f"{ended['status']}, {target.history(started['executionArn'])[-1]['type']}"
