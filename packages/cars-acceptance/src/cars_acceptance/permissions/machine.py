"""What the state machine does: a run, a failed one, one that is stopped; and what it is checked for when it changes."""

import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from cars_acceptance.main_job.database import connect
from cars_acceptance.permissions.jobs import RUNNING
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioError, Stage, require

LIVE = "live"
TRACES = {"SamplingRules", "SamplingTargets", "TraceSegments", "TelemetryRecords"}
REFUSED = "is not authorized to perform"


def scenarios(_: Stage) -> Iterator[Scenario]:
    """All of them, the cheapest first."""
    yield Scenario("the state machine is told where to log", logged)
    yield Scenario("a run without a config release is reported", failed)
    yield Scenario("a run loads its tables", loaded)
    yield Scenario("a run that is stopped stops its jobs", stopped)


def logged(stage: Stage) -> None:
    held = stage.machine
    try:
        stage.client("stepfunctions").update_state_machine(
            stateMachineArn=held["stateMachineArn"],
            roleArn=held["roleArn"],
            loggingConfiguration=held["loggingConfiguration"],
        )
    except ClientError as error:
        raise ScenarioError(str(error)) from error


def failed(stage: Stage) -> None:
    with stage.hidden(stage.outputs["buckets"]["final"], "cars/_configs/current.json"):
        arn = start(stage, stage.fresh_day())
        execution = ended(stage, arn)
    require(execution["status"] == "FAILED", f"{execution['status']}")
    events = history(stage, arn)
    handled = [
        event
        for event in events
        if event.get("stateExitedEventDetails", {}).get("name") == "HandlePipelineFailure"
    ]
    require(handled, "nobody handled the failure")
    _traced(stage)


def loaded(stage: Stage) -> None:
    execution = ended(stage, start(stage, stage.fresh_day()))
    require(execution["status"] == "SUCCEEDED", f"{execution['status']}: {execution.get('cause')}")
    _traced(stage)


def stopped(stage: Stage) -> None:
    """A job waits for a table that somebody else holds; with the execution it must stop."""
    states, day = stage.client("stepfunctions"), stage.fresh_day()
    with connect(stage.postgres) as connection:
        connection.execute("LOCK TABLE cars_stg.ag_prod_plan IN ACCESS EXCLUSIVE MODE")
        arn = start(stage, day)
        try:
            stage.eventually(lambda: _waits(stage, arn), "no job came to the locked table")
            states.stop_execution(executionArn=arn)
            stage.eventually(lambda: not _running(stage, day), "the job did not stop with its execution", 3)
        finally:
            states.stop_execution(executionArn=arn)
            connection.rollback()
            stage.eventually(lambda: not _running(stage, day), "jobs did not end")


def _running(stage: Stage, day: str) -> list[dict[str, Any]]:
    """Job runs of the day that have not ended."""
    found = stage.client("glue").get_job_runs(JobName=stage.job["Name"])["JobRuns"]
    return [
        run for run in found if run["JobRunState"] in RUNNING and run["Arguments"].get("--start_date") == day
    ]


def _waits(stage: Stage, arn: str) -> bool:
    """Whether somebody waits for the locked table; raises ScenarioError when a task was refused."""
    _none_refused(stage, arn)
    with connect(stage.postgres) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).fetchone()
    return bool(found and found[0])


def _none_refused(stage: Stage, arn: str) -> None:
    for event in history(stage, arn, "TaskFailed"):
        cause = event["taskFailedEventDetails"].get("cause", "")
        require(REFUSED not in cause, cause)


def start(stage: Stage, day: str) -> str:
    """ARN of a new execution of the live release."""
    given = {"run_type": "initial", "start_date": day}
    arn: str = stage.client("stepfunctions").start_execution(
        stateMachineArn=f"{stage.machine['stateMachineArn']}:{LIVE}", input=json.dumps(given)
    )["executionArn"]
    return arn


def ended(stage: Stage, arn: str) -> dict[str, Any]:
    """An execution at its end. One of which a task was refused is not waited for: it may try that for minutes."""
    states = stage.client("stepfunctions")
    found: dict[str, Any] = {}

    def look() -> bool:
        found.update(states.describe_execution(executionArn=arn))
        if found["status"] == "RUNNING":
            _none_refused(stage, arn)
        return bool(found["status"] != "RUNNING")

    try:
        stage.eventually(look, f"execution {arn} did not end")
    except ScenarioError:
        states.stop_execution(executionArn=arn)
        raise
    return found


def history(stage: Stage, arn: str, kind: str = "") -> list[dict[str, Any]]:
    """Events of an execution, of one kind or of all."""
    pages = stage.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"] if kind in {"", event["type"]}]


def _traced(stage: Stage) -> None:
    missing = TRACES - stage.delivered(stage.machine["roleArn"])
    require(not missing, f"the execution sent no {' and no '.join(sorted(missing))}")
