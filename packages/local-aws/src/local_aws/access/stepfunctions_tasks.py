"""Authorizes service tasks that run in this process, as the API calls that they are in AWS."""

from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_lambda import (
    StateTaskServiceLambda,
)

from local_aws.access.callers import role_session
from local_aws.access.evaluation import Permission
from local_aws.access.guard import DeniedError, Guard
from local_aws.emulator.patching import replace
from local_aws.emulator.settings import ACCOUNT, REGION

SESSION = "StepFunctions"
STATUS = {"Invoke": 403}
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html names both for `.sync`
WATCH_JOB = ("glue:GetJobRun", "glue:GetJobRuns")


def install() -> None:
    """Report a denied invocation under the error name of Step Functions."""
    original = StateTaskServiceLambda._error_cause_from_client_error

    def error_name(error: ClientError) -> tuple[str, str]:
        name, cause = original(error)
        return ("Lambda.AWSLambdaException" if name == "Lambda.AccessDeniedException" else name), cause

    replace(
        StateTaskServiceLambda,
        "_error_cause_from_client_error",
        staticmethod(error_name),
        reason="AWS reports a denied invocation as Lambda.AWSLambdaException",
    )


def authorize_task(guard: Guard, role: str, operation: str, *permissions: Permission) -> None:
    """Raise the `ClientError` of boto3 for a permission that the machine's role lacks."""
    try:
        guard.authorize(role_session(role, SESSION), permissions)
    except DeniedError as error:
        metadata: Any = {
            "RequestId": "00000000-0000-0000-0000-000000000000",
            "HTTPStatusCode": STATUS.get(operation, 400),
        }
        denied: Any = {"Code": "AccessDeniedException", "Message": str(error)}
        raise ClientError({"Error": denied, "ResponseMetadata": metadata}, operation) from error


def invoke_permission(name: str, qualifier: str | None) -> Permission:
    """Invoking a function given by name or ARN, with or without qualifier."""
    parts = name.split(":")
    rest = parts[parts.index("function") + 1 :] if "function" in parts[:-1] else parts
    full = [rest[0], *([qualifier] if qualifier else rest[1:2])]
    return Permission("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{':'.join(full)}")


def job_permissions(name: str, *actions: str) -> tuple[Permission, ...]:
    """Actions on a Glue job."""
    return tuple(Permission(action, f"arn:aws:glue:{REGION}:{ACCOUNT}:job/{name}") for action in actions)
