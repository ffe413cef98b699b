"""The server's temporary directory; directories of killed servers are removed."""

import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "local-aws-"


def make_scratch(base: Path | None = None) -> Path:
    """A new directory named after this process; those of processes that are gone are removed."""
    base = base or Path(tempfile.gettempdir())
    for left in base.glob(f"{PREFIX}*"):
        owner = left.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdecimal() and not is_running(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))


def is_running(pid: int) -> bool:
    """Whether a process exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
