"""The command line as a shell sees it: exit code, standard output, standard error."""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple
from unittest import mock

from deployer.__main__ import main

if TYPE_CHECKING:
    from support.sandbox import Sandbox


class Done(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Commands:
    """Commands on a sandbox's environment: the whole program, inside this process."""

    sandbox: "Sandbox"
    folder: Path

    def __call__(self, *words: str, code: int = 0) -> tuple[str, str]:
        configs = self.sandbox.write_config(self.folder / "config")
        done = self._run([*words, "--config-dir", str(configs)])
        assert done.code == code, done
        return done.out, done.err

    def _run(self, words: Sequence[str]) -> Done:
        return run_here(words)


class Shell(Commands):
    """The same commands, each a process of its own, which loads everything anew."""

    def _run(self, words: Sequence[str]) -> Done:
        return run_deployer(words, self.sandbox.aws.env)


def run_here(words: Sequence[str]) -> Done:
    """Runs `python -m deployer` without a new interpreter; what nobody catches is raised here."""
    with (
        tempfile.TemporaryFile(
            "w+", encoding="utf-8"
        ) as out,  # a process that is started writes there as well
        tempfile.TemporaryFile("w+", encoding="utf-8") as err,
        mock.patch.object(sys, "argv", ["deployer", *words]),
        mock.patch.object(sys, "stdin", io.StringIO()),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stopped:
            code = stopped.code or 0
        assert isinstance(code, int)
        return Done(code, _written(out), _written(err))


def _written(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def run_deployer(words: Sequence[str], env: Mapping[str, str]) -> Done:
    """Runs `python -m deployer` as a process."""
    done = subprocess.run(
        [sys.executable, "-m", "deployer", *words],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)
