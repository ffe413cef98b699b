"""Scenarios of the Glue job, started as an engineer starts it."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from cars_acceptance.main_job import names, schemas
from cars_acceptance.permissions.scenario_context import Scenario, ScenarioContext, require

GROUPS = ("/aws-glue/jobs/output", "/aws-glue/jobs/error")
CONTINUOUS = "--continuous-log-logGroup"
RUNNING = schemas.RUNNING


def scenarios(_: ScenarioContext) -> Iterator[Scenario]:
    """All scenarios, the cheapest first."""
    yield Scenario("a job migrates the ledger", partial(loaded, "DDL", names.SCHEMAS[0]))
    yield Scenario("a job stages a table", partial(loaded, "STG", "AG_PROD_PLAN"))
    yield Scenario("a job reports missing code", missing_code)
    yield Scenario("a job reports a missing config release", missing_release)


def loaded(layer: str, table: str, context: ScenarioContext) -> None:
    _forget_logs(context)
    run = finished(context, arguments(context, layer, table))
    require(run["JobRunState"] == "SUCCEEDED", f"{layer} {table}: {run.get('ErrorMessage')}")
    _logged(context, run["Id"])


def missing_code(context: ScenarioContext) -> None:
    gone = f"{context.job['Command']['ScriptLocation']}.gone"
    run = finished(context, arguments(context, "DDL", names.SCHEMAS[0]) | {"--scriptLocation": gone})
    require("no such object" in run.get("ErrorMessage", ""), f"{run.get('ErrorMessage')}")


def missing_release(context: ScenarioContext) -> None:
    with context.hidden(context.outputs["buckets"]["final"], "cars/_configs/current.json"):
        run = finished(context, arguments(context, "DDL", names.SCHEMAS[0]))
    message = run.get("ErrorMessage", "")
    require("current.json" in message and "AccessDenied" not in message, message)


def arguments(context: ScenarioContext, layer: str, table: str) -> dict[str, str]:
    """Arguments of a run for a new day."""
    day = context.fresh_day()
    return schemas.arguments(layer, table, day, env=context.environment.name)


def finished(context: ScenarioContext, given: Mapping[str, str]) -> dict[str, Any]:
    """Start a job run and wait for its end."""
    glue, job = context.client("glue"), context.job["Name"]
    run_id = glue.start_job_run(JobName=job, Arguments=given)["JobRunId"]
    found: dict[str, Any] = {}

    def ended() -> bool:
        found.update(glue.get_job_run(JobName=job, RunId=run_id)["JobRun"])
        return found["JobRunState"] not in RUNNING

    context.eventually(ended, f"run {run_id} did not end")
    return found


def _forget_logs(context: ScenarioContext) -> None:
    logs = context.client("logs")
    for group in GROUPS:
        if logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            logs.delete_log_group(logGroupName=group)


def _logged(context: ScenarioContext, run_id: str) -> None:
    """Require output, errors and metrics; Glue reports no error when it may not write them."""
    defaults = context.job["DefaultArguments"]
    for group in (*GROUPS, *filter(None, [defaults.get(CONTINUOUS)])):
        require(_streams(context, group, run_id), f"run {run_id} left no log in {group}")
    if "--enable-metrics" in defaults:
        require("Metrics" in context.delivered(context.job["Role"]), f"run {run_id} sent no metrics")


def _streams(context: ScenarioContext, group: str, run_id: str) -> bool:
    logs = context.client("logs")
    if not any(
        item["logGroupName"] == group
        for item in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    ):
        return False
    found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=run_id)
    return bool(found["logStreams"])
