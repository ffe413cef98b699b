"""moto's Glue API on top of our runtime: real job runs, UpdateJob, BatchStopJobRun, the defaults that AWS shows."""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.glue.exceptions import ConcurrentRunsExceededException, GlueClientError, InvalidInputException
from moto.glue.models import FakeJob, GlueBackend
from moto.glue.responses import GlueResponse

from local_aws.emulator.patching import add, replace
from local_aws.emulator.settings import ACCOUNT
from local_aws.glue.arguments import job_arguments
from local_aws.glue.run import JobRun
from local_aws.glue.runtime import GlueRuntime, Job

DEFAULT_TIMEOUT_MINUTES = 480  # of Glue 5.0 and later
DPU_OF_WORKER = {"G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8, "Standard": 1}
UPDATABLE = {
    "Description": "description",
    "LogUri": "log_uri",
    "Role": "role",
    "ExecutionProperty": "execution_property",
    "Command": "command",
    "DefaultArguments": "default_arguments",
    "NonOverridableArguments": "non_overridable_arguments",
    "Connections": "connections",
    "MaxRetries": "max_retries",
    "AllocatedCapacity": "allocated_capacity",
    "Timeout": "timeout",
    "MaxCapacity": "max_capacity",
    "SecurityConfiguration": "security_configuration",
    "NotificationProperty": "notification_property",
    "GlueVersion": "glue_version",
    "NumberOfWorkers": "number_of_workers",
    "WorkerType": "worker_type",
    "CodeGenConfigurationNodes": "code_gen_configuration_nodes",
    "ExecutionClass": "execution_class",
    "SourceControlDetails": "source_control_details",
}


def install(runtime: GlueRuntime) -> None:
    """Let `runtime` execute the job runs of moto's Glue."""
    as_dict = FakeJob.as_dict
    replace(
        FakeJob,
        "start_job_run",
        run_starter(runtime),
        reason="moto's runs succeed by themselves, nothing runs",
    )
    replace(FakeJob, "as_dict", job_describer(as_dict), reason="moto shows none of the values AWS fills in")
    create = GlueBackend.create_job
    replace(
        GlueBackend,
        "create_job",
        job_creator(create),
        reason="moto lets a second job replace the first, runs and all",
    )
    add(GlueBackend, "update_job", update_job, reason="moto has no UpdateJob")
    add(GlueResponse, "update_job", respond_update_job, reason="moto has no UpdateJob")
    add(GlueResponse, "batch_stop_job_run", run_stopper(runtime), reason="moto has no BatchStopJobRun")


def run_starter(runtime: GlueRuntime) -> Callable[..., str]:
    """FakeJob.start_job_run: enforce MaxConcurrentRuns, then run the deployed script."""

    def start_job_run(
        self: FakeJob, *capacity: Any, arguments: dict[str, str] | None = None, **overrides: Any
    ) -> str:
        given = {**dict(zip(POSITIONAL, capacity, strict=False)), **overrides}
        arguments = arguments or given.get("arguments") or {}
        limit = self.execution_property.get("MaxConcurrentRuns", 1)
        runs: list[Any] = self.job_runs
        if sum(run.active for run in runs) >= limit:
            raise ConcurrentRunsExceededException(f"Concurrent runs exceeded for {self.name}")
        run = JobRun(
            job_name=self.name,
            arguments=dict(arguments),
            settings=settings_of(self, given),
            timeout_minutes=given.get("timeout") or self.timeout or DEFAULT_TIMEOUT_MINUTES,
            previous_run_id=given.get("previous_run_id"),
        )
        runs.insert(0, run)  # newest first, as GetJobRuns answers
        runtime.start(run, job_of(self, run))
        return run.job_run_id

    return start_job_run


POSITIONAL = (
    "allocated_capacity",
    "max_capacity",
    "timeout",
    "worker_type",
    "security_configuration",
    "number_of_workers",
    "notification_property",
    "previous_run_id",
    "arguments",
)


def job_of(job: FakeJob, run: JobRun) -> Job:
    """What the runtime needs of a job definition."""
    command: Any = job.command
    arguments = job_arguments(
        job.name, run.job_run_id, job.default_arguments, run.arguments, job.non_overridable_arguments
    )
    script = arguments.script_location or command["ScriptLocation"]
    connections: Any = job.connections or {}
    names = tuple(connections.get("Connections") or ())
    return Job(role_arn(job.role), job.glue_version, script, arguments, names)


def role_arn(role: str) -> str:
    """ARN of a job's role, which may be given by name."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{ACCOUNT}:role/{role}"


def settings_of(job: FakeJob, given: dict[str, Any]) -> dict[str, Any]:
    """Capacity and versions of a run: its own where given, else the job's."""
    worker = given.get("worker_type") or job.worker_type
    workers = given.get("number_of_workers") or job.number_of_workers
    return {
        "GlueVersion": job.glue_version,
        "ExecutionClass": job.execution_class,
        "WorkerType": worker,
        "NumberOfWorkers": workers,
        "MaxCapacity": given.get("max_capacity") or capacity(job.max_capacity, worker, workers),
        "SecurityConfiguration": given.get("security_configuration") or job.security_configuration,
    }


def capacity(declared: float | None, worker: str | None, workers: int | None) -> float | None:
    """MaxCapacity in DPU: as declared, else the sum of the workers."""
    if declared is not None or not worker or not workers:
        return declared
    return float(DPU_OF_WORKER.get(worker, 1) * workers)


def job_describer(as_dict: Callable[[FakeJob], dict[str, Any]]) -> Callable[[FakeJob], dict[str, Any]]:
    """FakeJob.as_dict with the defaults that AWS shows."""

    def shown(self: FakeJob) -> dict[str, Any]:
        job = as_dict(self)
        job["ExecutionProperty"] = job["ExecutionProperty"] or {"MaxConcurrentRuns": 1}
        job["MaxRetries"] = job["MaxRetries"] or 0
        job["Timeout"] = job["Timeout"] or DEFAULT_TIMEOUT_MINUTES
        job["MaxCapacity"] = capacity(self.max_capacity, self.worker_type, self.number_of_workers)
        job["JobMode"] = "SCRIPT"
        return job

    return shown


def job_creator(create: Callable[..., None]) -> Callable[..., None]:
    """GlueBackend.create_job that refuses a name in use, except for a repeated identical definition."""

    def create_job(self: GlueBackend, name: str, **definition: Any) -> None:
        old = self.jobs.get(name)
        if old is None:
            create(self, name=name, **definition)
        elif definition_of(FakeJob(name=name, backend=self, **definition)) != definition_of(old):
            message = f"Job already submitted with same name: {name}"
            raise GlueClientError("IdempotentParameterMismatchException", message)

    return create_job


def definition_of(job: FakeJob) -> dict[str, Any]:
    """A job as it was defined, without its times."""
    return {key: value for key, value in job.as_dict().items() if key not in ("CreatedOn", "LastModifiedOn")}


def update_job(self: GlueBackend, name: str, update: dict[str, Any]) -> None:
    """Replace the whole definition: settings that the update does not name return to their defaults."""
    old = self.get_job(name)
    if not update.get("Role") or not update.get("Command"):
        raise InvalidInputException("UpdateJob", "Role and Command must be given")
    values: dict[str, Any] = {field: update.get(key) for key, field in UPDATABLE.items()}
    new = FakeJob(name=name, tags={}, backend=self, **values)
    new.created_on = old.created_on
    new.job_runs = old.job_runs
    self.jobs[name] = new


def respond_update_job(self: GlueResponse) -> ActionResult:
    """The UpdateJob action."""
    name = self._get_param("JobName")
    backend: Any = self.glue_backend
    backend.update_job(name, self._get_param("JobUpdate") or {})
    return ActionResult({"JobName": name})


def run_stopper(runtime: GlueRuntime) -> Callable[[GlueResponse], ActionResult]:
    """The BatchStopJobRun action."""

    def batch_stop_job_run(self: GlueResponse) -> ActionResult:
        name = self._get_param("JobName")
        job: Any = self.glue_backend.get_job(name)
        runs = {run.job_run_id: run for run in job.job_runs}
        stopped: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for run_id in self._get_param("JobRunIds") or []:
            run = runs.get(run_id)
            if run is not None and run.active:
                runtime.stop(run)
                stopped.append({"JobName": name, "JobRunId": run_id})
            else:
                errors.append({"JobName": name, "JobRunId": run_id, "ErrorDetail": refusal(run_id, run)})
        return ActionResult({"SuccessfulSubmissions": stopped, "Errors": errors})

    return batch_stop_job_run


def refusal(run_id: str, run: JobRun | None) -> dict[str, str]:
    """Why a run cannot be stopped."""
    if run is None:
        return {"ErrorCode": "EntityNotFoundException", "ErrorMessage": f"Job run {run_id} not found."}
    return {"ErrorCode": "JobRunNotInExecution", "ErrorMessage": f"Job run {run_id} is {run.status}."}
