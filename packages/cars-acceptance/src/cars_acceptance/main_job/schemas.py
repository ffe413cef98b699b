"""Creates the schemas with the deployed Glue job, layer DDL."""

import time
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from cars_acceptance.main_job import names
from cars_acceptance.main_job.errors import MainJobError

POLL_SECONDS = 0.1
TIMEOUT_SECONDS = 120
RUNNING = frozenset({"STARTING", "RUNNING", "STOPPING", "WAITING"})


def in_order(schemas: Iterable[str]) -> list[str]:
    """The schemas of a tree in the order of creation; the ledger's is always there, because the job has its migrations."""
    found = {names.SCHEMAS[0], *(schema.upper() for schema in schemas)}
    return [schema for schema in names.SCHEMAS if schema in found] + sorted(found - set(names.SCHEMAS))


def create(glue: Any, job: str, day: date, *, schemas: Iterable[str]) -> None:
    """Run the DDL of the schemas in order."""
    for schema in in_order(schemas):
        run_job(glue, job, arguments("DDL", schema, day.isoformat()))


def arguments(
    layer: str, table: str, day: str, env: str = names.ENVIRONMENT, run_type: str = "initial"
) -> dict[str, str]:
    """Arguments of one Glue run outside a state machine; `day` is YYYY-MM-DD."""
    return {
        "--layer": layer,
        "--table_name": table,
        "--data_src_nm": names.DATA_SOURCE,
        "--run_type": run_type,
        "--start_date": day,
        "--env": env,
    }


def run_job(
    glue: Any,
    job: str,
    arguments: dict[str, str],
    *,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Start a run of the job and wait for its end; raises MainJobError with Glue's message unless it succeeds."""
    what = f"{arguments['--layer']} {arguments['--table_name']}"
    run = glue.start_job_run(JobName=job, Arguments=arguments)["JobRunId"]
    deadline = clock() + TIMEOUT_SECONDS
    while (state := _run(glue, job, run))["JobRunState"] in RUNNING:
        if clock() > deadline:
            raise MainJobError(
                f"Glue run {run} of {what} is still {state['JobRunState']} after {TIMEOUT_SECONDS} s"
            )
        pause(POLL_SECONDS)
    if state["JobRunState"] != "SUCCEEDED":
        raise MainJobError(
            f"Glue run {run} of {what} ended {state['JobRunState']}",
            details=state.get("ErrorMessage", ""),
            hint=f"the scripts are in {arguments['--layer']}/{arguments['--table_name']} of the tree",
        )


def _run(glue: Any, job: str, run: str) -> dict[str, Any]:
    answer: dict[str, Any] = glue.get_job_run(JobName=job, RunId=run)["JobRun"]
    return answer
