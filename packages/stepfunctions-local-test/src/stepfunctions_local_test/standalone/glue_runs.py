"""`glue:startJobRun.sync` over HTTP: the run is started, watched and, with its execution, stopped by calls of Glue.

moto 5.2.5 crashes there (see `sfn_glue`), and treats a stopped run as a success.
"""

import time
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_glue import (
    StateTaskServiceGlue,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.job_runs import as_state_data, task_failed

LOOK_SECONDS = 0.2
# https://docs.aws.amazon.com/glue/latest/webapi/API_JobRun.html, JobRunState
ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})


def install() -> None:
    """Replace the half of the Glue task that waits; moto's start is a call of Glue already."""

    def wait(self: StateTaskServiceGlue, env: Environment, resource_runtime_part: Any, **rest: Any) -> None:
        started: Any = env.stack.pop()
        name, run_id = started["JobName"], started["JobRunId"]
        glue = self._get_glue_client(resource_runtime_part, rest["state_credentials"])
        run = watched(glue, name, run_id, env)
        if run is None:
            stop(glue, name, run_id)
            return
        shown = as_state_data(run)
        if run["JobRunState"] != "SUCCEEDED":
            raise FailureEventException(task_failed(self, env, to_json_str(shown, separators=(",", ":"))))
        env.stack.append(shown)

    # inherited: found on the class, set on it
    reason = "crashes, and takes STOPPED for success"
    replace(StateTaskServiceGlue, "_eval_integration_pattern", wait, reason=reason)


def watched(glue: Any, name: str, run_id: str, env: Environment) -> dict[str, Any] | None:
    """Wait for the run; None when the execution or its task ends first."""
    while env.is_running():
        run: dict[str, Any] = glue.get_job_run(JobName=name, RunId=run_id)["JobRun"]
        if run["JobRunState"] in ENDED:
            return run
        time.sleep(LOOK_SECONDS)
    return None


def stop(glue: Any, name: str, run_id: str) -> None:
    """Stop the run of an ended execution; as in AWS a denied stop is not reported."""
    try:
        glue.batch_stop_job_run(JobName=name, JobRunIds=[run_id])
    except ClientError:
        return
