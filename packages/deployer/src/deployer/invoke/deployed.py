"""Invokes a deployed function and returns its answer, or raises its error."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from deployer.errors import InvokeError
from deployer.model.permissions import Permission, Scope
from deployer.model.resources import LIVE

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def _upload_function(scope: Scope) -> list[str]:
    configured = scope.environment.config.config_upload.function_name
    function = configured or scope.names.function("UploadConfig")
    arn = function if function.startswith("arn:") else scope.names.function_arn(function)
    return [f"{arn}:{LIVE}"]


PERMISSIONS = (
    Permission("ExpandConfigs", "lambda:InvokeFunction", _upload_function),
    Permission(
        "CallFunctions", "lambda:InvokeFunction", lambda scope: [f"{arn}:{LIVE}" for arn in scope.functions]
    ),
)


def call(functions: "LambdaClient", name: str, event: Mapping[str, Any]) -> Any:
    """The answer of the function's live version. Raises InvokeError with the function's error type and message."""
    try:
        response = functions.invoke(FunctionName=name, Qualifier=LIVE, Payload=json.dumps(event).encode())
    except ClientError as error:
        raise InvokeError(f"{name} cannot be invoked: {error}; has it been deployed?") from error
    payload = response["Payload"].read()
    answer = json.loads(payload) if payload else None
    if response.get("FunctionError"):
        raise InvokeError(failure(name, answer))
    return answer


def failure(name: str, answer: Any) -> str:
    """One line from Lambda's error object."""
    found = answer if isinstance(answer, dict) else {}
    return f"{name} failed: {found.get('errorType', 'Error')}: {found.get('errorMessage', answer)}"
