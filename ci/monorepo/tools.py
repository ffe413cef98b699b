"""The tools every task uses (uv, poetry, ruff, pip), at locked versions in one environment of their own."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from monorepo.packages import ROOT, MonorepoError

HOME = ROOT / ".nox" / "tools"
BYTE_CODE = ROOT / ".nox" / "byte-code"
LOCKS = (ROOT / "ci" / "uv.txt", ROOT / "ci" / "tools.txt")
MINIMUM_PYTHON = (3, 11)
_SYSTEM_CERTIFICATES = {
    "UV_SYSTEM_CERTS": "true"
}  # uv's own certificates do not include that of a company's TLS proxy
_MAKING = threading.Lock()  # a build starts several threads, and the first use of each makes the tools


def tool(name: str) -> str:
    """The path of a tool in the tools environment, which is made on first use."""
    with _MAKING:
        _ensure()
    return str(HOME / "bin" / name)


def run(*command: str, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Runs a command quietly; when it fails, its output is the error."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**_SYSTEM_CERTIFICATES, **clean_environment(), **(env or {})},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        output = (done.stdout + done.stderr).strip()
        raise MonorepoError(f"{' '.join(command)} ended with {done.returncode}:\n{output}")


@contextmanager
def installing(what: str, source: Path) -> Iterator[None]:
    """Says what could not be installed, and the way out, when a command of the block fails; `source` asks for packages."""
    try:
        yield
    except MonorepoError as error:
        raise MonorepoError(
            f"{what} cannot be installed: {error}\n"
            f"what {source.relative_to(ROOT)} asks for must be in a package index that answers; name another index in "
            "PIP_INDEX_URL and UV_DEFAULT_INDEX or a proxy in HTTPS_PROXY, then run the same command again"
        ) from error


def call(*command: str, cwd: Path = ROOT) -> int:
    """Runs a command that talks to the terminal; returns its exit code. The command handles Ctrl-C and SIGTERM.

    `subprocess.call` kills what has not ended a quarter of a second after Ctrl-C: a deploy in the middle of its calls.
    """
    with (
        _held_back(signal.SIGTERM) as pending,
        subprocess.Popen(command, cwd=cwd, env=clean_environment()) as process,
    ):
        # A terminal sends Ctrl-C to the command too; `kill` and service managers send SIGTERM to this process alone.
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        if pending:
            process.terminate()
        while True:
            with suppress(KeyboardInterrupt):
                return process.wait()


@contextmanager
def _held_back(number: signal.Signals) -> Iterator[list[int]]:
    """Collects a signal instead of ending the process; restores its handler afterwards."""
    noted: list[int] = []
    before = signal.signal(number, lambda got, _: noted.append(got))
    try:
        yield noted
    finally:
        signal.signal(number, before)


def clean_environment() -> dict[str, str]:
    """This process's environment without what would leak another interpreter's packages into a tool.

    Byte code is kept below `.nox`, also where it is switched off to keep work trees clean: without it every process of a
    test compiles the AWS SDK and the emulator again, which takes longer than most tests.
    """
    leaking = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
    inherited = {name: value for name, value in os.environ.items() if name not in leaking}
    return {"PYTHONPYCACHEPREFIX": str(BYTE_CODE), **inherited}


def digest_of(*parts: bytes) -> str:
    """A short digest of the parts, for stamps that say what an environment was made from."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:20]


def _ensure() -> None:
    if sys.version_info < MINIMUM_PYTHON:
        raise MonorepoError(f"Python 3.11 or newer runs the tasks, this is {sys.version.split()[0]}")
    stamp = HOME / "made-from"
    wanted = digest_of(sys.version.encode(), *(lock.read_bytes() for lock in LOCKS))
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(HOME, ignore_errors=True)
    run(sys.executable, "-m", "virtualenv", "--quiet", str(HOME))
    python, uv = str(HOME / "bin" / "python"), str(HOME / "bin" / "uv")
    pip_install = (python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement")
    uv_install = (uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "--requirement")
    for install, lock in zip((pip_install, uv_install), LOCKS, strict=True):
        with installing("the tools", lock):
            run(*install, str(lock))
    stamp.write_text(wanted, encoding="utf-8")
