"""How service tasks call: Lambda in process, everything else with one client per service and role."""

import io
import json
from functools import lru_cache
from typing import Any

from botocore.config import Config
from botocore.exceptions import ClientError
from moto.awslambda.models import lambda_backends
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback

from local_aws.access import stepfunctions_tasks
from local_aws.access.guard import Guard
from local_aws.emulator.account import Account
from local_aws.emulator.patching import replace
from local_aws.lambdas.runtime import LambdaRuntime
from local_aws.patches.lambdas.api import InvokeError, checked_payload, run
from local_aws.patches.lambdas.targets import target
from local_aws.patches.stepfunctions import client_factory
from local_aws.patches.stepfunctions.client_errors import client_error

REASON = "moto makes a client for every task, without a role, and calls this very process over HTTP"


def install(account: Account, guard: Guard, lambdas: LambdaRuntime) -> None:
    """Replace the factory in every module that imports it."""

    @lru_cache(maxsize=64)
    def client(service: str, region: str, role: str) -> Any:
        config = Config(
            parameter_validation=False, retries={"total_max_attempts": 1}, max_pool_connections=100
        )
        return account.role_client(service, role, "StepFunctions", region, config=config)

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        if service == "lambda":
            return DirectLambda(account, guard, lambdas, state_credentials.role_arn)
        role = (
            state_credentials.role_arn if state_credentials else f"arn:aws:iam::{account.account}:role/states"
        )
        return client(service, region, role)

    client_factory.install(client_for, reason=REASON)
    poll = "_DELAY_SECONDS_SYNC_CONDITION_CHECK"
    replace(
        state_task_service_callback, poll, 0.02, reason="half a second between looks at a child execution"
    )


class DirectLambda:
    """The part of a Lambda client that the interpreter uses."""

    def __init__(self, account: Account, guard: Guard, runtime: LambdaRuntime, role: str) -> None:
        self._guard = guard
        self._role = role
        self._backend = lambda_backends[account.account][account.region]
        self._runtime = runtime

    def invoke(
        self,
        FunctionName: str,  # noqa: N803 - boto3's names
        Payload: bytes | str = b"",  # noqa: N803
        Qualifier: str | None = None,  # noqa: N803
        **options: Any,
    ) -> dict[str, Any]:
        """Answer as boto3 does; errors of the operation are `ClientError`."""
        stepfunctions_tasks.authorize_task(
            self._guard, self._role, "Invoke", stepfunctions_tasks.invoke_permission(FunctionName, Qualifier)
        )
        try:
            function = target(self._backend, FunctionName, Qualifier)
            result = run(self._runtime, function, checked_payload(Payload, "RequestResponse"), None)
        except InvokeError as error:
            raise client_error(error.code, str(error), error.status, "Invoke") from error
        except (JsonRESTError, ServiceException) as error:
            raise translated(error, "Invoke") from error
        answer: dict[str, Any] = {
            "StatusCode": 200,
            "ExecutedVersion": function.version,
            "Payload": io.BytesIO(result.payload),
            "ResponseMetadata": {"RequestId": result.request_id, "HTTPStatusCode": 200},
        }
        if result.function_error:
            answer["FunctionError"] = result.function_error
        if options.get("LogType") == "Tail":
            answer["LogResult"] = result.log_tail
        return answer


def translated(error: Exception, operation: str) -> ClientError:
    """An exception of moto as boto3 raises it."""
    code = getattr(error, "error_type", None) or getattr(error, "code", None) or type(error).__name__
    message = str(getattr(error, "message", None) or error)
    if message.startswith("{"):
        message = json.loads(message).get("message", message)
    return client_error(str(code), message, 404 if "NotFound" in str(code) else 400, operation)
