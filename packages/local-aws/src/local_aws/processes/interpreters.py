"""Finds the Python version that a deployed runtime names; another version would prove nothing."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from local_aws.errors import LocalAwsError


class InterpreterError(LocalAwsError):
    """The machine has no interpreter of the version that the deployed code names."""


@cache
def interpreter(version: str) -> str:
    """The path of a Python `version` ("3.11"); the running one when it fits, else from PATH."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return getattr(sys, "_base_executable", None) or sys.executable
    for directory in os.get_exec_path():
        candidate = shutil.which(f"python{version}", path=directory)
        if candidate and _is(candidate, version):
            return candidate
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise InterpreterError(
        f"the deployed code wants python{version}, which is not on PATH; install it, "
        f"or deploy for python{running}, which runs the local AWS"
    )


def _is(candidate: str, version: str) -> bool:
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        run = subprocess.run(
            [candidate, "-I", "-S", "-c", program], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return Path(candidate).exists() and run.stdout.strip() == version
