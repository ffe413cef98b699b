"""The log of a container: a line for every request that changes something or fails; those that only look would bury it."""

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
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2] or environ["REQUEST_METHOD"]
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


def message(body: bytes) -> str:
    """What an error's body says, in one line."""
    try:
        content = json.loads(body)
        return f"{content.get('__type', '')} {content.get('message', content.get('Message', ''))}".strip()
    except (ValueError, AttributeError):
        return body.decode("utf-8", "replace")[:500]
