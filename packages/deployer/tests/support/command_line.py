"""The command line as a shell sees it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from deployer.cli.app import app

if TYPE_CHECKING:
    from support.sandbox import Sandbox


@dataclass(frozen=True)
class Shell:
    """Runs `python -m deployer` on a sandbox's environment."""

    sandbox: "Sandbox"
    folder: Path

    def __call__(self, *words: str, code: int = 0) -> tuple[str, str]:
        configs = self.sandbox.write_config(self.folder / "config")
        command = [*words, "--config-dir", str(configs)]
        done = run_deployer(command, self.sandbox.aws.env)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout, done.stderr


@dataclass(frozen=True)
class Commands:
    """The same commands inside this process, without the time of imports."""

    shell: Shell

    def __call__(self, *words: str, code: int = 0) -> tuple[str, str]:
        configs = self.shell.sandbox.write_config(self.shell.folder / "config")
        done = CliRunner().invoke(app, [*words, "--config-dir", str(configs)])
        assert done.exit_code == code, (done.stdout, done.stderr, done.exception)
        return done.stdout, done.stderr


def run_deployer(words: Sequence[str], env: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deployer", *words],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
