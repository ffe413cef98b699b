"""The process in which a deployed handler runs, shaped after the bootstrap of AWS's Python runtimes.

Run by path with `python -I -S -u` and nothing but the standard library. One JSON argument:
`{"parent": pid, "helpers": dir of parent_death_signal.py, "path": [...], "handler": "module.function", "replies": fd}`.
Reads requests from standard input and writes replies to the descriptor `replies`; both are frames: two
big-endian 32-bit lengths, then a JSON head and a body. The first reply tells whether the handler could be loaded.

Not AWS's own client (awslambdaric 4.2.2), which needs a compiled extension for the very Python of the worker. Only wheels
for the Python of this environment are installed, and a function of another one fails at its first request; without a
wheel it takes autotools, cmake and a C++ compiler. It also needs a server of the Runtime API, brings simplejson and itself
into what handlers can import, and takes 0.35 ms a call where the pipe takes 0.05 (1 KB). It answers `Decimal` and `bytes`,
which fail here, and writes non-ASCII text as escapes before Python 3.12.
"""

import importlib
import json
import logging
import os
import struct
import sys
import time
import traceback
from typing import Any

LENGTHS = struct.Struct(">II")


def main() -> None:
    spec = json.loads(sys.argv[1])
    sys.path.append(spec["helpers"])
    import parent_death_signal  # type: ignore[import-not-found]

    parent_death_signal.die_with(spec["parent"])
    sys.path.remove(spec["helpers"])
    sys.path[:0] = spec["path"]
    sys.argv = [spec["handler"]]
    requests = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    request_id = LogRecords.install()
    handler, failure = load(spec["handler"])
    send(spec["replies"], {"failed": failure is not None}, encoded(failure) if failure else b"")
    if failure is not None:
        return
    while frame := receive(requests):
        head, body = frame
        request_id.value = head["aws_request_id"]
        os.environ["_X_AMZN_TRACE_ID"] = head.pop("trace_id")
        answer, failed = call(handler, body, Context(head))
        send(spec["replies"], {"failed": failed}, answer)


class Context:
    """The second argument of a handler."""

    identity = None
    tenant_id = None

    def __init__(self, head: dict[str, Any]) -> None:
        self._deadline = head.pop("deadline_ms")
        self.client_context = head.pop("client_context")
        self.__dict__.update(head)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(self._deadline - time.time() * 1000))

    def log(self, message: Any) -> None:
        sys.stdout.write(str(message))


class LogRecords(logging.Filter):
    """Puts the request id into every record, as AWS's root handler does."""

    value = ""

    @classmethod
    def install(cls) -> "LogRecords":
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(
            logging.Formatter(
                "[%(levelname)s]\t%(asctime)s.%(msecs)dZ\t%(aws_request_id)s\t%(message)s",
                "%Y-%m-%dT%H:%M:%S",
            )
        )
        logging.Formatter.converter = time.gmtime
        records = cls()
        handler.addFilter(records)
        logging.getLogger().addHandler(handler)
        return records

    def filter(self, record: logging.LogRecord) -> bool:
        record.aws_request_id = self.value
        return True


def load(name: str) -> tuple[Any, dict[str, Any] | None]:
    """The handler function, or the failure that AWS reports for it."""
    module_name, dot, function = name.rpartition(".")
    module_name = module_name.replace("/", ".")
    if not dot:
        return None, failed(
            "Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack"
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        return None, failed(
            "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}", error
        )
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        return None, failed("Runtime.UserCodeSyntaxError", message, error)
    except Exception as error:
        return None, failed(type(error).__name__, str(error), error)
    found = getattr(module, function, None)
    if found is None:
        message = f"Handler '{function}' missing on module '{module_name}'"
        return None, failed("Runtime.HandlerNotFound", message)
    return found, None


def call(handler: Any, body: bytes, context: Any) -> tuple[bytes, bool]:
    """The encoded answer of the handler and False, or its error and True."""
    try:
        result = handler(json.loads(body), context)
    except Exception as error:
        return encoded(failed(type(error).__name__, str(error), error, context.aws_request_id)), True
    try:
        return encoded(result), False
    except Exception as error:
        message = f"Unable to marshal response: {error}"
        return encoded(failed("Runtime.MarshalError", message, None, context.aws_request_id)), True


def failed(
    kind: str, message: str, error: BaseException | None = None, request_id: str = ""
) -> dict[str, Any]:
    """The error structure of an invocation; it is logged too, as AWS does."""
    frames = traceback.extract_tb(error.__traceback__) if error else []
    own = [
        frame for frame in frames if frame.filename != __file__ and not frame.filename.startswith("<frozen")
    ]
    stack = traceback.format_list(own)
    print(f"[ERROR] {kind}: {message}", *(["Traceback (most recent call last):"] if stack else []), sep="\n")  # noqa: T201
    for line in "".join(stack).splitlines():
        print(line)  # noqa: T201
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": stack}


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def receive(descriptor: int) -> tuple[dict[str, Any], bytes] | None:
    lengths = read(descriptor, LENGTHS.size)
    if lengths is None:
        return None
    head_size, body_size = LENGTHS.unpack(lengths)
    head = read(descriptor, head_size)
    body = read(descriptor, body_size)
    if head is None or body is None:
        return None
    return json.loads(head), body


def read(descriptor: int, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        chunk = os.read(descriptor, min(size - len(parts), 1 << 20))
        if not chunk:
            return None
        parts += chunk
    return bytes(parts)


def send(descriptor: int, head: dict[str, Any], body: bytes) -> None:
    header = json.dumps(head).encode()
    view = memoryview(LENGTHS.pack(len(header), len(body)) + header + body)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
