"""Starts every worker process from one thread that lives as long as the server.

Linux sends the parent-death signal when the *thread* that started a process ends, and the threads that serve
requests end all the time.
"""

import queue
import subprocess
import threading
from concurrent.futures import Future
from typing import Any


class Spawner:
    """Hands `subprocess.Popen` calls to its own thread."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[
            tuple[Future[subprocess.Popen[bytes]], list[str], dict[str, Any]] | None
        ]
        self._requests = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="spawner", daemon=True)
        self._thread.start()

    def spawn(self, argv: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        """`subprocess.Popen(argv, **options)`; raises what it raises."""
        future: Future[subprocess.Popen[bytes]] = Future()
        self._requests.put((future, argv, options))
        return future.result()

    def close(self) -> None:
        """End the thread; processes it started and that asked for it are killed by the kernel."""
        self._requests.put(None)
        self._thread.join()

    def _run(self) -> None:
        while request := self._requests.get():
            future, argv, options = request
            try:
                future.set_result(subprocess.Popen(argv, **options))
            except BaseException as error:
                future.set_exception(error)
