"""Scenarios of the state machine: a successful, a failed and a stopped execution, and an update."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from cars_acceptance.main_job.database import connect
from cars_acceptance.permissions.jobs import RUNNING
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioContext, ScenarioError, require

LIVE = "live"
TRACES = {"SamplingRules", "SamplingTargets", "TraceSegments", "TelemetryRecords"}
REFUSED = "is not authorized to perform"


def scenarios(_: ScenarioContext) -> Iterator[Scenario]:
    """All scenarios, the cheapest first."""
    yield Scenario("the state machine gets a log destination", logged)
    yield Scenario("a run without a config release is reported", failed)
    yield Scenario("a run loads its tables", loaded)
    yield Scenario("a run that is stopped stops its jobs", stopped)


def logged(context: ScenarioContext) -> None:
    held = context.machine
    try:
        context.client("stepfunctions").update_state_machine(
            stateMachineArn=held["stateMachineArn"],
            roleArn=held["roleArn"],
            loggingConfiguration=held["loggingConfiguration"],
        )
    except ClientError as error:
        raise ScenarioError(str(error)) from error


def failed(context: ScenarioContext) -> None:
    with context.hidden(context.outputs["buckets"]["final"], "cars/_configs/current.json"):
        arn = start(context, context.fresh_day())
        execution = ended(context, arn)
    require(execution["status"] == "FAILED", f"{execution['status']}")
    events = history(context, arn)
    handled = [
        event
        for event in events
        if event.get("stateExitedEventDetails", {}).get("name") == "HandlePipelineFailure"
    ]
    require(handled, "no state handled the failure")
    _traced(context)


def loaded(context: ScenarioContext) -> None:
    execution = ended(context, start(context, context.fresh_day()))
    require(execution["status"] == "SUCCEEDED", f"{execution['status']}: {execution.get('cause')}")
    _traced(context)


def stopped(context: ScenarioContext) -> None:
    """A job waits for a locked table; it must stop when its execution is stopped."""
    states, day = context.client("stepfunctions"), context.fresh_day()
    with connect(context.postgres) as connection:
        connection.execute("LOCK TABLE cars_stg.ag_prod_plan IN ACCESS EXCLUSIVE MODE")
        arn = start(context, day)
        try:
            context.eventually(lambda: _waits(context, arn), "no job waited for the locked table")
            states.stop_execution(executionArn=arn)
            context.eventually(
                lambda: not _running(context, day), "the job did not stop with its execution", 3
            )
        finally:
            states.stop_execution(executionArn=arn)
            connection.rollback()
            context.eventually(lambda: not _running(context, day), "jobs did not end")


def _running(context: ScenarioContext, day: str) -> list[dict[str, Any]]:
    """Job runs of the day that have not ended."""
    found = context.client("glue").get_job_runs(JobName=context.job["Name"])["JobRuns"]
    return [
        run for run in found if run["JobRunState"] in RUNNING and run["Arguments"].get("--start_date") == day
    ]


def _waits(context: ScenarioContext, arn: str) -> bool:
    """Whether a session waits for the locked table; raises ScenarioError when a task was denied."""
    _none_refused(context, arn)
    with connect(context.postgres) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return bool(found and found[0])


def _none_refused(context: ScenarioContext, arn: str) -> None:
    for event in history(context, arn, "TaskFailed"):
        cause = event["taskFailedEventDetails"].get("cause", "")
        require(REFUSED not in cause, cause)


def start(context: ScenarioContext, day: str) -> str:
    """ARN of a new execution of the live release."""
    given = {"run_type": "initial", "start_date": day}
    arn: str = context.client("stepfunctions").start_execution(
        stateMachineArn=f"{context.machine['stateMachineArn']}:{LIVE}", input=json.dumps(given)
    )["executionArn"]
    return arn


def ended(context: ScenarioContext, arn: str) -> dict[str, Any]:
    """Wait for the end of an execution. Stops it when a task was denied: its retries would take minutes."""
    states = context.client("stepfunctions")
    found: dict[str, Any] = {}

    def look() -> bool:
        found.update(states.describe_execution(executionArn=arn))
        if found["status"] == "RUNNING":
            _none_refused(context, arn)
        return bool(found["status"] != "RUNNING")

    try:
        context.eventually(look, f"execution {arn} did not end")
    except ScenarioError:
        states.stop_execution(executionArn=arn)
        raise
    return found


def history(context: ScenarioContext, arn: str, kind: str = "") -> list[dict[str, Any]]:
    """Events of an execution, of one kind or of all."""
    pages = context.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"] if kind in {"", event["type"]}]


def _traced(context: ScenarioContext) -> None:
    missing = TRACES - context.delivered(context.machine["roleArn"])
    require(not missing, f"the execution sent no {' and no '.join(sorted(missing))}")
