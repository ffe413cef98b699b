"""What runs of the Glue job do, started as an engineer starts them."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from cars_acceptance.main_job import names, schemas
from cars_acceptance.permissions.scenario_context import Scenario, Stage, require

GROUPS = ("/aws-glue/jobs/output", "/aws-glue/jobs/error")
CONTINUOUS = "--continuous-log-logGroup"
RUNNING = schemas.RUNNING


def scenarios(_: Stage) -> Iterator[Scenario]:
    """All of them, the cheapest first."""
    yield Scenario("a job migrates the ledger", partial(loaded, "DDL", names.SCHEMAS[0]))
    yield Scenario("a job stages a table", partial(loaded, "STG", "AG_PROD_PLAN"))
    yield Scenario("a job whose code is missing says so", missing_code)
    yield Scenario("a job whose config release is missing says so", missing_release)


def loaded(layer: str, table: str, stage: Stage) -> None:
    _forget_logs(stage)
    run = finished(stage, arguments(stage, layer, table))
    require(run["JobRunState"] == "SUCCEEDED", f"{layer} {table}: {run.get('ErrorMessage')}")
    _logged(stage, run["Id"])


def missing_code(stage: Stage) -> None:
    gone = f"{stage.job['Command']['ScriptLocation']}.gone"
    run = finished(stage, arguments(stage, "DDL", names.SCHEMAS[0]) | {"--scriptLocation": gone})
    require("no such object" in run.get("ErrorMessage", ""), f"{run.get('ErrorMessage')}")


def missing_release(stage: Stage) -> None:
    with stage.hidden(stage.outputs["buckets"]["final"], "cars/_configs/current.json"):
        run = finished(stage, arguments(stage, "DDL", names.SCHEMAS[0]))
    message = run.get("ErrorMessage", "")
    require("current.json" in message and "AccessDenied" not in message, message)


def arguments(stage: Stage, layer: str, table: str) -> dict[str, str]:
    """Arguments of a run for a day of its own."""
    day = stage.fresh_day()
    return schemas.arguments(layer, table, day, env=stage.place.name)


def finished(stage: Stage, given: Mapping[str, str]) -> dict[str, Any]:
    """A job run at its end."""
    glue, job = stage.client("glue"), stage.job["Name"]
    run_id = glue.start_job_run(JobName=job, Arguments=given)["JobRunId"]
    found: dict[str, Any] = {}

    def ended() -> bool:
        found.update(glue.get_job_run(JobName=job, RunId=run_id)["JobRun"])
        return found["JobRunState"] not in RUNNING

    stage.eventually(ended, f"run {run_id} did not end")
    return found


def _forget_logs(stage: Stage) -> None:
    logs = stage.client("logs")
    for group in GROUPS:
        if logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            logs.delete_log_group(logGroupName=group)


def _logged(stage: Stage, run_id: str) -> None:
    """Output, errors and metrics have arrived; Glue tells nobody when it may not write them."""
    defaults = stage.job["DefaultArguments"]
    for group in (*GROUPS, *filter(None, [defaults.get(CONTINUOUS)])):
        require(_streams(stage, group, run_id), f"run {run_id} left no log in {group}")
    if "--enable-metrics" in defaults:
        require("Metrics" in stage.delivered(stage.job["Role"]), f"run {run_id} sent no metrics")


def _streams(stage: Stage, group: str, run_id: str) -> bool:
    logs = stage.client("logs")
    if not any(
        item["logGroupName"] == group
        for item in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    ):
        return False
    found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=run_id)
    return bool(found["logStreams"])
