"""Runs commands of several packages, two at a time; each shows its output in one piece when it has ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from monorepo.packages import MonorepoError

AT_ONCE = min(2, os.cpu_count() or 1)


@dataclass(frozen=True)
class Command:
    """What to run, where, and with which environment variables."""

    words: list[str]
    folder: Path
    variables: dict[str, str]


@dataclass(frozen=True)
class Done:
    """How a package's command ended; its output is kept when several ran. `started` is no when it could not be made."""

    name: str
    code: int
    seconds: float
    output: str
    started: bool = True

    @property
    def failed(self) -> str | None:
        """The name of a command that failed, and whether it ran at all."""
        if not self.code:
            return None
        return self.name if self.started else f"{self.name} (could not be installed)"

    @property
    def last_line(self) -> str:
        lines = self.output.strip().splitlines()
        return lines[-1].strip("= ") if lines else ""


def run_all(commands: Mapping[str, Callable[[], Command]]) -> list[Done]:
    """Starts the commands in their order; one alone writes to the terminal as it runs.

    Commands are made in the same threads, since making one may install a package. One that cannot be made has failed.
    """
    capture = len(commands) > 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda name: _made(name, commands[name], capture=capture), commands))


def _made(name: str, make: Callable[[], Command], *, capture: bool) -> Done:
    try:
        command = make()
    except MonorepoError as error:
        done = Done(name, 1, 0, str(error), started=False)
        _show(done)
        return done
    return _run(name, command, capture=capture)


def _run(name: str, command: Command, *, capture: bool) -> Done:
    started = time.monotonic()
    ended = subprocess.run(
        command.words,
        cwd=command.folder,
        env=command.variables,
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.STDOUT if capture else None,
        text=True,
    )
    done = Done(name, ended.returncode, time.monotonic() - started, ended.stdout or "")
    if capture:
        _show(done)
    return done


def _show(done: Done) -> None:
    text = f"\n{done.name}: {done.last_line} ({done.seconds:.0f} s)"
    if done.code:
        text = f"\n{'=' * 20} {done.name} {'=' * 20}\n{done.output}"
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
