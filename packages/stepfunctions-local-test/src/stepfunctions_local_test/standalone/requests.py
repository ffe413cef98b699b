"""The log of a container: a line for every request, since that is all that shows why a test failed."""

import time
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def logged(application: Application, write: Callable[[str], None]) -> Application:
    """`application`, with a line of operation, status and milliseconds for each request."""

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        began = time.perf_counter()
        operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2] or environ.get("REQUEST_METHOD")

        def start(status: str, headers: Any, *rest: Any) -> Any:
            spent = (time.perf_counter() - began) * 1000
            write(f"{time.strftime('%H:%M:%S')} {operation} {status} {spent:.0f} ms")
            return start_response(status, headers, *rest)

        return application(environ, start)

    return serve
