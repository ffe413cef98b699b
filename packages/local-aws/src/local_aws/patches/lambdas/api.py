"""moto's Lambda API on top of our runtime: Invoke runs the deployed zip, updates keep the settings that AWS keeps."""

import base64
import json
import threading
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.awslambda.models import LambdaFunction
from moto.awslambda.responses import LambdaResponse

from local_aws.emulator.patching import replace
from local_aws.errors import LocalAwsError
from local_aws.lambdas.function import Function
from local_aws.lambdas.pool import RuntimeNotRunError, ThrottledError
from local_aws.lambdas.runtime import LambdaRuntime
from local_aws.patches.lambdas.targets import target
from local_aws.processes.interpreters import InterpreterError

LARGEST_REQUEST = 6_291_456
LARGEST_EVENT = 1_048_576

Response = tuple[int, dict[str, str], str | bytes]


class InvokeError(LocalAwsError):
    """An error of the Invoke operation itself: HTTP status, AWS's error code, message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def install(runtime: LambdaRuntime) -> None:
    """Let `runtime` execute the invocations of moto's Lambda."""
    replace(
        LambdaResponse, "invoke", invoker(runtime), reason="moto runs functions in Docker or answers nothing"
    )
    update = LambdaFunction.update_configuration
    replace(
        LambdaFunction,
        "update_configuration",
        configuration_updater(update),
        reason="moto drops tracing, logging, storage, key",
    )
    shown = LambdaFunction.get_configuration
    replace(
        LambdaFunction,
        "get_configuration",
        configuration_describer(shown),
        reason="moto shows no LoggingConfig",
    )
    original = LambdaFunction.__init__
    replace(
        LambdaFunction,
        "__init__",
        initializer(original),
        reason="moto forgets LoggingConfig of CreateFunction",
    )


def invoker(runtime: LambdaRuntime) -> Callable[[LambdaResponse], Response]:
    """The Invoke action."""

    def invoke(self: LambdaResponse) -> Response:
        name = unquote(self.path.split("?")[0].rstrip("/").rsplit("/", 2)[-2])
        function = target(self.backend, name, self.querystring.get("Qualifier", [None])[0])
        kind = self.headers.get("X-Amz-Invocation-Type") or "RequestResponse"
        try:
            payload = checked_payload(self.body, kind)
            if kind == "DryRun":
                return 204, {"status": "204"}, ""
            if kind == "Event":
                threading.Thread(target=run, args=(runtime, function, payload, None), daemon=True).start()
                return 202, {"status": "202"}, ""
            context = client_context(self.headers.get("X-Amz-Client-Context"))
            result = run(runtime, function, payload, context)
        except InvokeError as error:
            headers = {"status": str(error.status), "x-amzn-ErrorType": error.code}
            return (
                error.status,
                headers,
                json.dumps({"Type": "User", "Message": str(error), "message": str(error)}),
            )
        headers = {"content-type": "application/json", "X-Amz-Executed-Version": function.version}
        if result.function_error:
            headers["X-Amz-Function-Error"] = result.function_error
        if self.headers.get("X-Amz-Log-Type") == "Tail":
            headers["X-Amz-Log-Result"] = result.log_tail
        return 200, headers, result.payload

    return invoke


def run(runtime: LambdaRuntime, function: Function, payload: bytes, context: Any) -> Any:
    """Invoke; problems of the function are raised as `InvokeError`."""
    try:
        return runtime.invoke(function, payload, context)
    except ThrottledError as error:
        raise InvokeError(429, "TooManyRequestsException", str(error)) from error
    except (RuntimeNotRunError, InterpreterError) as error:
        raise InvokeError(400, "InvalidRuntimeException", str(error)) from error
    except zipfile.BadZipFile as error:
        raise InvokeError(400, "InvalidZipFileException", f"the code of {function.name}: {error}") from error


def checked_payload(body: Any, kind: str) -> bytes:
    """The request body: JSON within the size limit; no body means an empty event."""
    payload: bytes = body.encode() if isinstance(body, str) else bytes(body or b"")
    limit = LARGEST_EVENT if kind == "Event" else LARGEST_REQUEST
    if len(payload) > limit:
        message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        raise InvokeError(413, "RequestTooLargeException", message)
    if not payload:
        return b"{}"
    try:
        json.loads(payload)
    except ValueError as error:
        message = f"Could not parse request body into json: {error}"
        raise InvokeError(400, "InvalidRequestContentException", message) from error
    return payload


def client_context(header: str | None) -> Any:
    """The decoded client context, None when it is absent."""
    return json.loads(base64.b64decode(header)) if header else None


def configuration_updater(
    update: Callable[..., dict[str, Any]],
) -> Callable[[Any, dict[str, Any]], dict[str, Any]]:
    """update_configuration with the settings that moto ignores."""

    def update_configuration(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
        updates = dict(updates)
        if "Environment" in updates:
            updates["Environment"] = {"Variables": updates["Environment"].get("Variables") or {}}
        for key, attribute in (
            ("TracingConfig", "tracing_config"),
            ("LoggingConfig", "logging_config"),
            ("KMSKeyArn", "kms_key_arn"),
        ):
            if key in updates:
                setattr(self, attribute, updates[key])
        if "EphemeralStorage" in updates:
            self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        update(self, updates)
        return dict(self.get_configuration())

    return update_configuration


def configuration_describer(shown: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """get_configuration with LoggingConfig."""

    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        configuration = shown(self, on_create)
        default = {"LogFormat": "Text", "LogGroup": self.logs_group_name}
        configuration["LoggingConfig"] = {**default, **(getattr(self, "logging_config", None) or {})}
        return configuration

    return get_configuration


def initializer(original: Callable[..., None]) -> Callable[..., None]:
    """__init__ that keeps LoggingConfig."""

    def init(self: Any, account_id: str, spec: dict[str, Any], region: str, version: str | int = 1) -> None:
        self.logging_config = spec.get("LoggingConfig")
        original(self, account_id, spec, region, version)

    return init
