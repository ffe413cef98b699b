"""Answers without the fields that the caller may not see, where AWS does not deny the whole call."""

import json
from collections.abc import Callable, Collection, Iterable
from typing import Any

# https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html, and EnvironmentError of the same API
UNREADABLE = {
    "Error": {
        "ErrorCode": "AccessDeniedException",
        "Message": "Lambda was unable to decrypt your environment variables because the KMS access was denied. "
        "Please check your KMS permissions.",
    }
}


def redacted(
    hidden: Collection[str], application: Callable[..., Iterable[bytes]], environ: Any, start_response: Any
) -> Iterable[bytes]:
    """The application's answer without the hidden fields: a function's `Tags`, the content of its `Environment`."""
    head: list[Any] = []

    def remember(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        head[:] = [status, headers]

    body = b"".join(application(environ, remember))
    status, headers = head
    if status.startswith("200"):
        body = _redact(json.loads(body), hidden)
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    start_response(status, [*kept, ("Content-Length", str(len(body)))])
    return [body]


def _redact(answer: dict[str, Any], hidden: Collection[str]) -> bytes:
    if "Tags" in hidden:
        answer.pop("Tags", None)
    configuration = answer.get("Configuration", answer)
    if "Environment" in hidden and "Environment" in configuration:
        configuration["Environment"] = UNREADABLE
    return json.dumps(answer).encode()
