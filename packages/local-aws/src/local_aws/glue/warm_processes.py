"""Warm processes, one per bundle: started on first use; the least recently used one is stopped."""

import contextlib
import json
import os
import subprocess
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_aws.glue.bundle import Bundle
from local_aws.processes.spawner import Spawner

PROGRAM = Path(__file__).with_name("warm_process.py")
HELPERS = Path(__file__).parent.parent / "processes"
MOST_WARM = 4
KILLED = 9  # the wait status of a process that died of SIGKILL


@dataclass(frozen=True, slots=True)
class Ended:
    """How the process of a run ended: a wait status as of `os.wait`, and its peak resident memory."""

    status: int
    peak_kb: int


class WarmProcess:
    """A warm process and the runs it has forked."""

    def __init__(self, bundle: Bundle, provided: Path, spawner: Spawner, log: Path) -> None:
        spec = {
            "parent": os.getpid(),
            "helpers": str(HELPERS),
            "path": [str(bundle.script.parent), *(str(folder) for folder in bundle.path), str(provided)],
            "script": str(bundle.script),
        }
        with log.open("ab") as errors:
            self._process = spawner.spawn(
                [bundle.python, "-I", "-S", str(PROGRAM), json.dumps(spec)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
                cwd=bundle.script.parent,
            )
        self._lock = threading.Lock()
        self._runs: dict[str, tuple[Callable[[], None], Callable[[Ended], None]]] = {}
        self._alive = True
        threading.Thread(target=self._listen, name="warm-process", daemon=True).start()

    @property
    def busy(self) -> bool:
        """True while it has a running child."""
        return bool(self._runs)

    @property
    def alive(self) -> bool:
        """False once the process has ended."""
        return self._alive

    def run(
        self,
        run_id: str,
        *,
        argv: list[str],
        env: dict[str, str],
        cwd: Path,
        on_start: Callable[[], None],
        on_end: Callable[[Ended], None],
    ) -> None:
        """Fork a child for one run; both callbacks are called in another thread."""
        self._runs[run_id] = (on_start, on_end)
        if not self._send({"run": run_id, "argv": argv, "env": env, "cwd": str(cwd)}):
            self._end(run_id, Ended(KILLED, 0))

    def kill(self, run_id: str, number: int) -> None:
        """Send a signal to the child of a run and to what it has started."""
        self._send({"kill": run_id, "signal": int(number)})

    def close(self) -> None:
        """End the process; children die with it."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def _send(self, request: dict[str, Any]) -> bool:
        with self._lock:
            try:
                if self._process.stdin is None:
                    return False
                self._process.stdin.write(json.dumps(request).encode() + b"\n")
                self._process.stdin.flush()
            except (OSError, ValueError):
                return False
        return True

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            event = json.loads(line)
            if "started" in event:
                start, _ = self._runs[event["started"]]
                start()
            elif "ended" in event:
                self._end(event["ended"], Ended(event["status"], event["peak_kb"]))
        self._alive = False
        self._process.wait()
        for run_id in list(self._runs):
            self._end(run_id, Ended(KILLED, 0))

    def _end(self, run_id: str, ended: Ended) -> None:
        callbacks = self._runs.pop(run_id, None)
        if callbacks is not None:
            callbacks[1](ended)


class WarmProcesses:
    """At most `MOST_WARM` idle warm processes."""

    def __init__(self, provided: Path, spawner: Spawner, log: Path) -> None:
        self._provided = provided
        self._spawner = spawner
        self._log = log
        self._lock = threading.Lock()
        self._warm: OrderedDict[Bundle, WarmProcess] = OrderedDict()

    def get(self, bundle: Bundle) -> WarmProcess:
        """The warm process of a bundle; started when there is none, or when it has died."""
        with self._lock:
            warm = self._warm.pop(bundle, None)
            if warm is None or not warm.alive:
                warm = WarmProcess(bundle, self._provided, self._spawner, self._log)
            self._warm[bundle] = warm
            idle = [key for key, other in self._warm.items() if not other.busy and key != bundle]
            for key in idle[: max(0, len(self._warm) - MOST_WARM)]:
                self._warm.pop(key).close()
            return warm

    def close(self) -> None:
        """End all warm processes."""
        with self._lock:
            for warm in self._warm.values():
                warm.close()
            self._warm.clear()
