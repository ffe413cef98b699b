"""One invocation from payload to answer, with the log and the errors that AWS gives."""

import base64
import json
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from local_aws.access.guard import Guard
from local_aws.access.telemetry import send_trace, write_log
from local_aws.emulator.account import Account
from local_aws.lambdas.function import Function
from local_aws.lambdas.pool import WorkerPool
from local_aws.lambdas.process import ExitedError, OutOfMemoryError, Reply, TimedOutError, Worker
from local_aws.processes.spawner import Spawner

LARGEST_ANSWER = 6_291_556  # bytes, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Invocation:
    """The result of one invocation; `function_error` is `Unhandled` when the payload is an error."""

    request_id: str
    payload: bytes
    function_error: str | None
    log: str

    @property
    def log_tail(self) -> str:
        """The last 4 KB of the log in base64, the value of LogResult."""
        return base64.b64encode(self.log.encode()[-TAIL_BYTES:]).decode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an invocation, for its log; `status` only when the worker was lost."""

    request_id: str
    took_ms: float
    init_ms: float | None
    status: str | None


class LambdaRuntime:
    """Invokes deployed functions."""

    def __init__(self, account: Account, guard: Guard, spawner: Spawner, provided: Path) -> None:
        self._account = account
        self._guard = guard
        self._pool = WorkerPool(account, spawner, provided)

    def invoke(self, function: Function, payload: bytes, client_context: Any = None) -> Invocation:
        """Run the handler; raises `ThrottledError`, `RuntimeNotRunError`, `InterpreterError`, `zipfile.BadZipFile`."""
        request_id = str(uuid.uuid4())
        worker = self._pool.take(function)
        usable = False
        cold = worker.init_ms is None
        try:
            reply, status = self._attempt(worker, function, payload, request_id, client_context)
            usable = status is None
            took_ms = (time.monotonic() - worker.called_at) * 1000
            outcome = Outcome(request_id, took_ms, worker.init_ms if cold else None, status)
            written = self._write_log(worker, function, outcome)
        finally:
            self._pool.give_back(function, worker, usable=usable)
        if not reply.failed and len(reply.body) > LARGEST_ANSWER:
            message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."
            reply = error_reply("Function.ResponseSizeTooLarge", message)
        return Invocation(request_id, reply.body, "Unhandled" if reply.failed else None, written)

    def close(self) -> None:
        """Kill the workers."""
        self._pool.close()

    def _attempt(
        self, worker: Worker, function: Function, payload: bytes, request_id: str, client_context: Any
    ) -> tuple[Reply, str | None]:
        """The reply, and the status to report when the worker is lost."""
        about = f"RequestId: {request_id} Error:"
        try:
            if worker.init_ms is None:
                loaded = worker.ready()
                if loaded.failed:
                    return loaded, "error"
            head = context_of(function, worker, request_id, client_context)
            return worker.invoke(head, payload, function.timeout_seconds), None
        except TimedOutError:
            message = f"Task timed out after {function.timeout_seconds:.2f} seconds"
            return error_reply("Sandbox.Timedout", f"{about} {message}"), "timeout"
        except OutOfMemoryError:
            message = f"{about} Runtime exited with error: signal: killed"
            return error_reply("Runtime.OutOfMemory", message), "error\tError Type: Runtime.OutOfMemory"
        except ExitedError as error:
            return error_reply("Runtime.ExitError", f"{about} {exit_text(error.args[0])}"), "error"

    def _write_log(self, worker: Worker, function: Function, outcome: Outcome) -> str:
        lines = [
            f"START RequestId: {outcome.request_id} Version: {function.version}",
            *worker.new_log_lines(),
        ]
        if outcome.status == "timeout":
            when = datetime.now(tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            seconds = f"{function.timeout_seconds:.2f}"
            lines.append(f"{when} {outcome.request_id} Task timed out after {seconds} seconds")
        lines.append(f"END RequestId: {outcome.request_id}")
        lines.append(report(function, outcome, worker.peak_mb()))
        write_log(
            self._guard,
            self._account,
            function.role,
            function.name,
            function.log_group,
            worker.log_stream,
            lines,
        )
        if function.traced:
            send_trace(self._guard, function.role, function.name, function.log_group)
        return "\n".join(lines) + "\n"


def report(function: Function, outcome: Outcome, peak_mb: int) -> str:
    """The REPORT line."""
    parts = [
        f"REPORT RequestId: {outcome.request_id}",
        f"Duration: {outcome.took_ms:.2f} ms",
        f"Billed Duration: {int(outcome.took_ms) + 1} ms",
        f"Memory Size: {function.memory_mb} MB",
        f"Max Memory Used: {peak_mb} MB",
    ]
    if outcome.init_ms is not None:
        parts.append(f"Init Duration: {outcome.init_ms:.2f} ms")
    if outcome.status:
        parts.append(f"Status: {outcome.status}")
    return "\t".join(parts)


def context_of(function: Function, worker: Worker, request_id: str, client_context: Any) -> dict[str, Any]:
    """The data of the handler's context object."""
    return {
        "aws_request_id": request_id,
        "function_name": function.name,
        "function_version": function.version,
        "invoked_function_arn": function.invoked_arn,
        "memory_limit_in_mb": str(function.memory_mb),
        "log_group_name": function.log_group,
        "log_stream_name": worker.log_stream,
        "client_context": client_context,
        "deadline_ms": int((time.time() + function.timeout_seconds) * 1000),
        "trace_id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Parent={uuid.uuid4().hex[:16]};Sampled=0",
    }


def error_reply(kind: str, message: str) -> Reply:
    """An error that the service reports, not the handler."""
    return Reply(True, json.dumps({"errorType": kind, "errorMessage": message}).encode())


def exit_text(code: int) -> str:
    """AWS's message for an exited process."""
    if code == 0:
        return "Runtime exited without providing a reason"
    if code < 0:
        names = {-9: "killed", -11: "segmentation fault", -6: "aborted", -15: "terminated"}
        return f"Runtime exited with error: signal: {names.get(code, str(-code))}"
    return f"Runtime exited with error: exit status {code}"
