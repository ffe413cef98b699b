"""Runs commands as whole processes: seconds on the clock, seconds of processor, largest resident memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_SECONDS = 900
_TAIL = 12


class CommandError(Exception):
    """A command failed; the message ends with the end of its output."""


@dataclass(frozen=True)
class Usage:
    """`peak_mb` is that of the largest process, those that the command started included."""

    began: float
    seconds: float
    processor: float
    peak_mb: float


def run(commands: Iterable[Sequence[str]], folder: Path, environment: Mapping[str, str]) -> Usage:
    """Runs the commands one after the other. Raises CommandError."""
    began = time.perf_counter()
    parts = [_run(command, folder, environment) for command in commands]
    return Usage(
        began=began,
        seconds=time.perf_counter() - began,
        processor=sum(processor for processor, _ in parts),
        peak_mb=max(peak for _, peak in parts),
    )


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            code, usage = _wait(process)
        except BaseException:
            process.kill()
            process.wait()
            raise
        if code:
            output.seek(0)
            tail = "\n".join(output.read().decode("utf-8", "replace").strip().splitlines()[-_TAIL:])
            raise CommandError(f"{Path(command[0]).name} ended with {code}:\n{tail}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, os.struct_rusage]:  # type: ignore[name-defined]
    """Like Popen.wait, but with what the process and its children used."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        time.sleep(0.005)
    raise CommandError(f"process {process.pid} has not ended after {LIMIT_SECONDS} s")
