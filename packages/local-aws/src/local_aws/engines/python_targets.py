"""Python functions in place of Lambda functions and Glue jobs, for state machines that run in this process."""

import io
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_glue import (
    StateTaskServiceGlue,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from local_aws.emulator.patching import replace
from local_aws.errors import LocalAwsError
from local_aws.patches.stepfunctions import client_factory
from local_aws.patches.stepfunctions.client_errors import client_error
from local_aws.patches.stepfunctions.job_runs import as_state_data, task_failed

Target = Callable[[dict[str, Any]], Any]


class FunctionFailed(Exception):  # noqa: N818 - named for what it stands for
    """Raised by a function: its handler raised an error of this name with this message."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.payload = {"errorType": error, "errorMessage": message}


class ServiceRefused(Exception):  # noqa: N818
    """Raised by a function or a job: AWS refuses the call with this error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class JobRunFailed(Exception):  # noqa: N818
    """Raised by a job: its run ends as FAILED with this message."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Functions by name: payload -> answer. Jobs by name: arguments -> nothing."""

    functions: Mapping[str, Target]
    jobs: Mapping[str, Target]


def install(targets: Callable[[], Targets]) -> None:
    """Make service tasks call the Python functions of the running execution."""
    ended: dict[str, dict[str, Any]] = {}

    def client_for(region: str, service: str, state_credentials: Any = None) -> PythonFunctions:
        if service != "lambda":
            raise LocalAwsError(
                f"a task calls {service}; in process, tasks call Lambda functions and Glue jobs only"
            )
        return PythonFunctions(targets().functions)

    def start(
        self: StateTaskServiceGlue, env: Environment, part: Any, parameters: dict[str, Any], role: Any
    ) -> None:
        run = run_job(targets().jobs, parameters["JobName"], parameters.get("Arguments") or {})
        ended[run["Id"]] = run
        env.stack.append({"JobRunId": run["Id"], "JobName": run["JobName"]})

    def wait(self: StateTaskServiceGlue, env: Environment, **_: Any) -> None:
        started: Any = env.stack.pop()
        run = as_state_data(ended.pop(started["JobRunId"]))
        if run["JobRunState"] != "SUCCEEDED":
            raise FailureEventException(task_failed(self, env, to_json_str(run, separators=(",", ":"))))
        env.stack.append(run)

    client_factory.install(client_for, reason="tasks call Python functions")
    reason = "a job is a Python function"
    replace(StateTaskServiceGlue, "_handle_start_job_run", start, reason=reason)
    # inherited: found on the class, set on it
    replace(StateTaskServiceGlue, "_eval_integration_pattern", wait, reason=reason)


@dataclass(frozen=True, slots=True)
class PythonFunctions:
    """The part of a Lambda client that the interpreter uses."""

    functions: Mapping[str, Target]

    def invoke(self, FunctionName: str, Payload: bytes | str = b"{}", **_: Any) -> dict[str, Any]:  # noqa: N803
        """Call the function of that name or ARN, and answer as boto3 does."""
        name = FunctionName.split(":")[6] if FunctionName.startswith("arn:") else FunctionName
        if name not in self.functions:
            raise client_error(
                "ResourceNotFoundException", f"Function not found: {FunctionName}", 404, "Invoke"
            )
        try:
            answer = self.functions[name](json.loads(Payload))
        except FunctionFailed as error:
            return {"StatusCode": 200, "FunctionError": "Unhandled", "Payload": _body(error.payload)}
        except ServiceRefused as error:
            raise client_error(error.code, f"{error.code} from Invoke", 400, "Invoke") from None
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": _body(answer)}


def run_job(jobs: Mapping[str, Target], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Run the job of that name to its end; the run as GetJobRun answers it."""
    if name not in jobs:
        raise client_error("EntityNotFoundException", f"Job {name} not found", 400, "StartJobRun")
    run = {"Id": f"jr_{uuid.uuid4().hex}", "JobName": name, "Arguments": arguments, "Attempt": 0}
    try:
        jobs[name](arguments)
    except JobRunFailed as error:
        return {**run, "JobRunState": "FAILED", "ErrorMessage": str(error)}
    except ServiceRefused as error:
        raise client_error(error.code, f"{error.code} from StartJobRun", 400, "StartJobRun") from None
    return {**run, "JobRunState": "SUCCEEDED"}


def _body(value: Any) -> io.BytesIO:
    return io.BytesIO(json.dumps(value).encode())
