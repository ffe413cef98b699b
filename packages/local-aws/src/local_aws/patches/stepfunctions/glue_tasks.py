"""`glue:startJobRun` in process; `.sync` waits for an event instead of polling twice a second.

moto 5.2.5: the Glue task lists only Sync among its patterns, so that it has no callback endpoint, and ends every
`.sync` with 'NoneType' object has no attribute 'interrupt_all'.
"""

from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.glue.models import glue_backends
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_glue import (
    StateTaskServiceGlue,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local_aws.access import stepfunctions_tasks
from local_aws.access.guard import Guard
from local_aws.emulator.patching import replace
from local_aws.emulator.settings import ACCOUNT
from local_aws.glue.runtime import GlueRuntime
from local_aws.patches.stepfunctions.clients import translated
from local_aws.patches.stepfunctions.job_runs import as_state_data, task_failed

LOOK_SECONDS = 0.25  # how late a stopped execution stops its job run
SNAKE = {
    "AllocatedCapacity": "allocated_capacity",
    "MaxCapacity": "max_capacity",
    "Timeout": "timeout",
    "WorkerType": "worker_type",
    "SecurityConfiguration": "security_configuration",
    "NumberOfWorkers": "number_of_workers",
    "NotificationProperty": "notification_property",
    "JobRunId": "previous_run_id",
    "Arguments": "arguments",
}


def install(runtime: GlueRuntime, guard: Guard) -> None:
    """Replace the two halves of the Glue task."""

    def start(
        self: StateTaskServiceGlue, env: Environment, part: Any, parameters: dict[str, Any], role: Any
    ) -> None:
        started = stepfunctions_tasks.job_permissions(parameters["JobName"], "glue:StartJobRun")
        stepfunctions_tasks.authorize_task(guard, role.role_arn, "StartJobRun", *started)
        try:
            job: Any = glue_backends[ACCOUNT][part.region].get_job(parameters["JobName"])
            given = {SNAKE[key]: value for key, value in parameters.items() if key in SNAKE}
            given["arguments"] = {key: str(value) for key, value in (given.get("arguments") or {}).items()}
            run_id = job.start_job_run(**given)
        except (JsonRESTError, ServiceException) as error:
            raise translated(error, "StartJobRun") from error
        env.stack.append({"JobRunId": run_id, "JobName": parameters["JobName"]})

    def wait(self: StateTaskServiceGlue, env: Environment, resource_runtime_part: Any, **rest: Any) -> None:
        started: Any = env.stack.pop()
        role, name = rest["state_credentials"].role_arn, started["JobName"]
        stepfunctions_tasks.authorize_task(
            guard,
            role,
            "GetJobRun",
            *stepfunctions_tasks.job_permissions(name, *stepfunctions_tasks.WATCH_JOB),
        )
        job: Any = glue_backends[ACCOUNT][resource_runtime_part.region].get_job(started["JobName"])
        run = next(run for run in job.job_runs if run.job_run_id == started["JobRunId"])
        while not run.finished.wait(LOOK_SECONDS):
            if not env.is_running():
                if guard.role_allows(
                    role,
                    stepfunctions_tasks.SESSION,
                    *stepfunctions_tasks.job_permissions(name, "glue:BatchStopJobRun"),
                ):
                    runtime.stop(run)
                return
        shown = as_state_data(run.as_dict())
        if run.status != "SUCCEEDED":
            raise FailureEventException(task_failed(self, env, to_json_str(shown, separators=(",", ":"))))
        env.stack.append(shown)

    replace(
        StateTaskServiceGlue, "_handle_start_job_run", start, reason="a call over HTTP to this very process"
    )
    # inherited: found on the class, set on it
    replace(StateTaskServiceGlue, "_eval_integration_pattern", wait, reason="crashes, and polls every 0.5 s")
