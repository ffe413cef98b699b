"""Calls the deployer as an engineer does: `python -m deployer ...` in a separate process."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cars_acceptance.main_job.errors import MainJobError

TAIL_LINES = 40
Listener = Callable[[str], None]


def _ignore(line: str) -> None:
    """The default: output lines are ignored."""


@dataclass(frozen=True)
class Deployer:
    """Calls the deployer's command line in the repository, against the AWS of `environment`."""

    python: str
    root: Path
    environment: Mapping[str, str]
    listener: Listener = field(default=_ignore)

    def call(self, *arguments: str) -> list[str]:
        """Run a command and return its output; the listener gets each line. Raises MainJobError when it fails."""
        lines = []
        with self._start(arguments, stderr=subprocess.STDOUT) as process:
            for line in process.stdout or ():
                lines.append(line.rstrip("\n"))
                self.listener(lines[-1])
        if process.returncode != 0:
            raise self._failed(arguments, process.returncode, lines)
        return lines

    def ask(self, *arguments: str, accept: Sequence[int] = (0,)) -> dict[str, Any]:
        """Run a command that prints JSON. Raises MainJobError when it fails or prints something else."""
        with self._start((*arguments, "--json"), stderr=subprocess.PIPE) as process:
            output, errors = process.communicate()
        if process.returncode not in accept:
            raise self._failed(arguments, process.returncode, [*output.splitlines(), *errors.splitlines()])
        try:
            answer: dict[str, Any] = json.loads(output)
        except ValueError as error:
            details = "\n".join([*output.splitlines(), *errors.splitlines()][-TAIL_LINES:])
            raise MainJobError(
                f"{self._text(arguments)} did not answer JSON: {error}", details=details
            ) from error
        return answer

    @contextmanager
    def _start(self, arguments: Sequence[str], *, stderr: int) -> "Iterator[subprocess.Popen[str]]":
        """Start the command; an error or Ctrl-C in the block terminates it."""
        try:
            process = subprocess.Popen(
                [self.python, "-m", "deployer", *arguments],
                cwd=self.root,
                env={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            raise MainJobError(
                f"cannot start the deployer with {self.python}: {error.strerror}",
                hint="name the interpreter of the deployer's environment with --deployer-python or CARS_DEPLOYER",
            ) from error
        with process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise

    def _failed(self, arguments: Sequence[str], code: int, lines: Sequence[str]) -> MainJobError:
        return MainJobError(
            f"{self._text(arguments)} ended with exit code {code}",
            details="\n".join(lines[-TAIL_LINES:]),
            hint="the lines above are the end of its output; --keep-running keeps the local AWS and Postgres running",
        )

    def _text(self, arguments: Sequence[str]) -> str:
        return shlex.join([self.python, "-m", "deployer", *arguments])
