"""Environments of the rivals: each tool at its locked version, with hashes, away from the deployer's own packages."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LOCKS = Path(__file__).with_name("locks")
HOME = ROOT / ".nox" / "rivals"


class ToolError(Exception):
    """A rival's tool cannot be had here; the message says why."""


def python_tool(package: str) -> Path:
    """The `bin` directory of an environment made from `locks/{package}.txt`."""
    lock, home = LOCKS / f"{package}.txt", HOME / package
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    stamp = home / "made-from"
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(home, ignore_errors=True)
        uv, python = str(_uv()), str(home / "bin" / "python")
        _run(uv, "venv", "--quiet", "--python", sys.executable, str(home))
        _run(
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
            "--require-hashes",
            "--requirement",
            str(lock),
        )
        stamp.write_text(wanted, encoding="utf-8")
    return home / "bin"


def version_of(package: str) -> str:
    """The locked version."""
    first = (LOCKS / f"{package}.txt").read_text(encoding="utf-8")
    line = next(line for line in first.splitlines() if line.startswith(f"{package}=="))
    return line.partition("==")[2].split()[0]


def _uv() -> Path:
    uv = ROOT / ".nox" / "tools" / "bin" / "uv"
    if not uv.exists():
        raise ToolError(f"{uv} is missing; any nox session makes it: nox -s bench -- deploy")
    return uv


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines() or ["no message"]
        raise ToolError(f"{Path(command[0]).name} {command[1]} ended with {done.returncode}: {lines[-1]}")
