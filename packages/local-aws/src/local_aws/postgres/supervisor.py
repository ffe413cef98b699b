"""Supervises Postgres for the program: stops it and removes its files however the program ends.

Run by path with nothing but the standard library. One JSON argument:
`{"argv": [...], "env": {...}, "uid": int|null, "gid": int|null, "data": dir, "log": file, "remove": [dirs]}`.
Reads one command per line on standard input (`start PORT`, `crash`), answers one JSON line each;
the end of its input, or the death of its parent, means stop.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

START_SECONDS = 30.0
STOP_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


def main() -> None:
    spec = json.loads(sys.argv[1])
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server: subprocess.Popen[bytes] | None = None
    try:
        while command := next_command(parent):
            if command.startswith("start "):
                server, answer = start(spec, int(command.split()[1]))
            elif command == "crash":
                answer = crash(server)
            else:
                answer = {"error": f"unknown command {command!r}"}
            with contextlib.suppress(BrokenPipeError):
                print(json.dumps(answer), flush=True)  # noqa: T201 - the answer is the protocol
    finally:
        stop(server)
        for directory in spec["remove"]:
            shutil.rmtree(directory, ignore_errors=True)


def next_command(parent: int) -> str | None:
    """The next line of standard input; None when it ended or the parent is gone."""
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], 1.0)
        if readable:
            return sys.stdin.readline().strip() or None
    return None


def start(spec: dict[str, Any], port: int) -> tuple[subprocess.Popen[bytes] | None, dict[str, Any]]:
    libc = ctypes.CDLL(None)

    def become() -> None:
        if spec["uid"] is not None:
            os.setgroups([])
            os.setgid(spec["gid"])
            os.setuid(spec["uid"])
        libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGQUIT))  # after setuid, which would clear it

    with Path(spec["log"]).open("ab") as log:
        server = subprocess.Popen(
            [*spec["argv"], "-c", f"port={port}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=spec["env"],
            cwd=spec["data"],
            preexec_fn=become,  # safe: one thread
        )
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if is_ready(Path(spec["data"]), server.pid):
            return server, {"pid": server.pid}
        time.sleep(0.01)
    stop(server)
    tail = Path(spec["log"]).read_text(errors="replace")[-2000:]
    return None, {"error": f"no answer that it is ready: {tail}"}


def is_ready(data: Path, pid: int) -> bool:
    """postmaster.pid holds the process id on line 1 and its state on line 8."""
    try:
        lines = (data / "postmaster.pid").read_text().split("\n")
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


def crash(server: subprocess.Popen[bytes] | None) -> dict[str, Any]:
    """Kill the postmaster and all backends as a power failure would; back when none of them is left.

    The postmaster is held first, so that it makes no backend which nobody would kill; a new server refuses to start
    while a single old one still has the shared memory.
    """
    if server is None:
        return {"error": "postgres is not running"}
    freeze(server.pid)
    victims = opened([server.pid, *children(server.pid)])
    for victim in victims:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(victim, signal.SIGKILL)
    left = wait_for_end(victims, STOP_SECONDS)
    server.wait()
    if left:
        return {"error": f"{left} processes of the killed server are still there after {STOP_SECONDS:.0f} s"}
    return {"killed": len(victims)}


def opened(pids: list[int]) -> list[int]:
    """A pidfd for each process that is there: it tells of the end also of what is no child of ours."""
    found = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            found.append(os.pidfd_open(pid))
    return found


def freeze(pid: int) -> None:
    """Stop a process and wait until it stands still (or is gone)."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + STOP_SECONDS
    while state(pid) not in "TtZX" and time.monotonic() < deadline:
        time.sleep(0.001)


def state(pid: int) -> str:
    """One letter, as proc(5) names it in `stat`; X when there is no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return "X"


def wait_for_end(victims: list[int], seconds: float) -> int:
    """The number of these processes (pidfds, closed afterwards) that are left after the time limit."""
    deadline, left = time.monotonic() + seconds, set(victims)
    while left and (rest := deadline - time.monotonic()) > 0:
        left -= set(select.select(list(left), [], [], rest)[0])
    for victim in victims:
        os.close(victim)
    return len(left)


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def stop(server: subprocess.Popen[bytes] | None) -> None:
    """Fast shutdown (connections are cut, data is consistent), immediate after STOP_SECONDS."""
    if server is None or server.poll() is not None:
        return
    for number, seconds in (
        (signal.SIGINT, STOP_SECONDS),
        (signal.SIGQUIT, STOP_SECONDS),
        (signal.SIGKILL, None),
    ):
        server.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=seconds)
            return


if __name__ == "__main__":
    main()
