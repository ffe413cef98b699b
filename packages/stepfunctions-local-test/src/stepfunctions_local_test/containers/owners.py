"""Whose a container is: labels that name the process which started it, and whether that process is gone."""

import os
import platform
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PREFIX = "cars.stepfunctions-local.owner"
HOST, PID, STARTED = f"{PREFIX}-host", f"{PREFIX}-pid", f"{PREFIX}-started"
STATE, START_TIME = (
    0,
    19,
)  # fields of /proc/PID/stat after the name, https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html


@dataclass(frozen=True, slots=True)
class Owner:
    """A process of a host; its start time tells it from a later process of the same id."""

    host: str
    pid: int
    started: str

    @classmethod
    def this_process(cls) -> Self:
        """The owner of what this process starts."""
        return cls(this_host(), os.getpid(), started_at(os.getpid()))

    @classmethod
    def of(cls, labels: Mapping[str, str]) -> Self | None:
        """The owner that a container's labels name, if they name one."""
        if not {HOST, PID, STARTED} <= labels.keys() or not labels[PID].isdecimal():
            return None
        return cls(labels[HOST], int(labels[PID]), labels[STARTED])

    @property
    def labels(self) -> dict[str, str]:
        """The labels of this owner's containers."""
        return {HOST: self.host, PID: str(self.pid), STARTED: self.started}

    @property
    def is_gone(self) -> bool:
        """Whether the process has certainly ended; of another host nothing is certain."""
        return self.host == this_host() and started_at(self.pid) != self.started


def this_host() -> str:
    """Where a process id means something: the machine since its boot, and the PID namespace of this process."""
    parts = [platform.node()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


def started_at(pid: int) -> str:
    """When a process was started, in words that only compare; empty when there is none, or only its remains."""
    if not Path("/proc/self/stat").exists():
        done = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[STATE] in "ZX" else fields[START_TIME]
