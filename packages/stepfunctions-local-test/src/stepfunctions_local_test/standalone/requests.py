"""Checks requests before the emulator: refuses unknown operations, logs changes and failures.

Reads are not logged: their lines would hide the others.
"""

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
LOOKING = ("Describe", "Get", "List")


def logged(application: Application, write: Callable[[str], None]) -> Application:
    """`application`, with a line of operation, status and milliseconds, and of what is wrong with a request."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        began = time.perf_counter()
        operation = operation_of(environ)
        seen: list[str] = []

        def start(status: str, headers: Any, *rest: Any) -> Any:
            seen.append(status)
            return start_response(status, headers, *rest)

        answer = list(application(environ, start))
        failed = not seen[0].startswith("2")
        if failed or not operation.startswith(LOOKING):
            spent = (time.perf_counter() - began) * 1000
            said = f": {message(b''.join(answer))}" if failed else ""
            write(f"{time.strftime('%H:%M:%S')} {operation} {seen[0]} {spent:.0f} ms{said}")
        return answer

    return serve


def refusing_unknown(application: Application) -> Application:
    """`application`, which answers an operation that it does not have as AWS does, not with a trace."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except NotImplementedError:  # what moto raises for an operation that it does not have
            said = f"{operation_of(environ)} is not supported by Step Functions Local"
            start_response("400 BAD REQUEST", [("Content-Type", "application/x-amz-json-1.0")])
            return [json.dumps({"__type": "UnknownOperationException", "message": said}).encode()]

    return serve


def operation_of(environ: dict[str, Any]) -> str:
    """The operation of Step Functions that is asked for, else the HTTP method."""
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    return target.rpartition(".")[2] or str(environ["REQUEST_METHOD"])


def message(body: bytes) -> str:
    """The message of an error's body in one line."""
    try:
        content = json.loads(body)
        return f"{content.get('__type', '')} {content.get('message', content.get('Message', ''))}".strip()
    except (ValueError, AttributeError):
        return body.decode("utf-8", "replace")[:500]
