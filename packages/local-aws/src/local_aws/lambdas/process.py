"""One worker process: start it, hand it requests, watch its time and memory, read its log."""

import contextlib
import json
import os
import secrets
import select
import signal
import struct
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from local_aws.lambdas.function import Function
from local_aws.processes.spawner import Spawner

PROGRAM = Path(__file__).with_name("worker.py")
HELPERS = Path(__file__).parent.parent / "processes"
INIT_SECONDS = 60.0  # AWS gives 10; a loaded machine may need more to import the same code
LENGTHS = struct.Struct(">II")
WATCH_MS = 25
PAGE = os.sysconf("SC_PAGE_SIZE")


class TimedOutError(Exception):
    """The worker did not answer in time."""


class OutOfMemoryError(Exception):
    """The worker took more memory than its function has."""


class ExitedError(Exception):
    """The worker exited without an answer; the argument is its exit status, in the form of `subprocess`."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the worker answered."""

    failed: bool
    body: bytes


class Worker:
    """A process with the handler of one function loaded."""

    def __init__(
        self, function: Function, paths: list[Path], environment: dict[str, str], spawner: Spawner
    ) -> None:
        day = datetime.now(tz=timezone.utc).strftime("%Y/%m/%d")
        self.log_stream = f"{day}/[{function.version}]{secrets.token_hex(16)}"
        self.fingerprint = function.fingerprint
        self._memory_mb = function.memory_mb
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        self._log_read = 0
        self._replies, replies = os.pipe()
        spec = {
            "parent": os.getpid(),
            "helpers": str(HELPERS),
            "path": [str(path) for path in paths],
            "handler": function.handler,
            "replies": replies,
        }
        self._began = time.monotonic()
        try:
            self._process = spawner.spawn(
                [environment["LOCAL_PYTHON"], "-I", "-S", "-u", str(PROGRAM), json.dumps(spec)],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                env={
                    **{name: value for name, value in environment.items() if name != "LOCAL_PYTHON"},
                    "AWS_LAMBDA_LOG_STREAM_NAME": self.log_stream,
                },
                cwd=paths[0],
                pass_fds=(replies,),
                start_new_session=True,
            )
        finally:
            os.close(replies)
        self.init_ms: float | None = None
        self.called_at = self._began

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self._process.poll() is None

    def ready(self) -> Reply:
        """Wait until the handler is loaded; a failed reply has the reason."""
        reply = self._receive(time.monotonic() + INIT_SECONDS)
        self.called_at = time.monotonic()
        self.init_ms = (self.called_at - self._began) * 1000
        return reply

    def invoke(self, head: dict[str, Any], body: bytes, timeout_seconds: float) -> Reply:
        """Send one request; after `TimedOutError`, `OutOfMemoryError` or `ExitedError` the worker is unusable."""
        self.called_at = time.monotonic()
        deadline = self.called_at + timeout_seconds
        header = json.dumps(head).encode()
        stdin = self._process.stdin
        if stdin is None:
            raise ExitedError(self._process.poll())
        try:
            stdin.write(LENGTHS.pack(len(header), len(body)) + header + body)
            stdin.flush()
        except OSError as error:
            raise ExitedError(self._process.wait()) from error
        reply = self._receive(deadline)
        if self.peak_mb() > self._memory_mb:  # taken and given back between two looks
            raise OutOfMemoryError
        return reply

    def peak_mb(self) -> int:
        """Peak resident memory so far."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return -(-int(line.split()[1]) // 1024)
        return 0

    def new_log_lines(self) -> list[str]:
        """New lines of standard output and error since the last call."""
        size = os.fstat(self._log.fileno()).st_size
        content = os.pread(self._log.fileno(), size - self._log_read, self._log_read)
        self._log_read = size
        return content.decode(errors="replace").splitlines()

    def close(self) -> None:
        """Kill the process and what it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        os.close(self._replies)
        self._log.close()

    def _receive(self, deadline: float) -> Reply:
        head_size, body_size = LENGTHS.unpack(self._read(LENGTHS.size, deadline))
        head = json.loads(self._read(head_size, deadline))
        return Reply(head["failed"], self._read(body_size, deadline))

    def _read(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        poller = select.poll()
        poller.register(self._replies, select.POLLIN | select.POLLHUP)
        while len(parts) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimedOutError
            if not poller.poll(min(left * 1000, WATCH_MS)):
                self._check_memory()
                continue
            chunk = os.read(self._replies, min(size - len(parts), 1 << 20))
            if not chunk:
                raise ExitedError(self._process.wait())
            parts += chunk
        return bytes(parts)

    def _check_memory(self) -> None:
        with contextlib.suppress(OSError, IndexError):
            resident = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]) * PAGE
            if resident > self._memory_mb * 1024 * 1024:
                raise OutOfMemoryError
