"""Warm workers: idle ones are reused; a changed function gets new ones."""

import threading
from pathlib import Path

from local_aws.emulator.account import Account
from local_aws.errors import LocalAwsError
from local_aws.lambdas.function import Code, Function
from local_aws.lambdas.process import Worker
from local_aws.processes.cache import unpack
from local_aws.processes.interpreters import interpreter
from local_aws.processes.spawner import Spawner

MOST_IDLE = 10
MOST_AT_ONCE = 100


class RuntimeNotRunError(LocalAwsError):
    """The function's runtime cannot run here."""


class ThrottledError(LocalAwsError):
    """More invocations at once than the function (or this machine) allows."""


class WorkerPool:
    """The workers of all functions; a worker serves one invocation at a time."""

    def __init__(self, account: Account, spawner: Spawner, provided: Path) -> None:
        self._account = account
        self._spawner = spawner
        self._provided = provided
        self._lock = threading.Lock()
        self._idle: dict[str, list[Worker]] = {}
        self._busy: dict[str, int] = {}
        self._folders: dict[str, Path] = {}

    def take(self, function: Function) -> Worker:
        """An idle worker of this version and configuration, or a new one that is not ready yet."""
        limit = MOST_AT_ONCE if function.reserved_concurrency is None else function.reserved_concurrency
        with self._lock:
            if self._busy.get(function.arn, 0) >= limit:
                raise ThrottledError("Rate Exceeded.")
            self._busy[function.arn] = self._busy.get(function.arn, 0) + 1
            idle = self._idle.get(function.version_arn, [])
            fitting = [
                worker for worker in idle if worker.fingerprint == function.fingerprint and worker.alive
            ]
            stale = [worker for worker in idle if worker not in fitting]
            worker = fitting.pop() if fitting else None
            self._idle[function.version_arn] = fitting
        for old in stale:
            old.close()
        try:
            return worker or self._start(function)
        except BaseException:
            self._leave(function)
            raise

    def give_back(self, function: Function, worker: Worker, *, usable: bool) -> None:
        """End of an invocation; an unusable worker is killed."""
        self._leave(function)
        with self._lock:
            idle = self._idle.setdefault(function.version_arn, [])
            kept = usable and len(idle) < MOST_IDLE
            if kept:
                idle.append(worker)
        if not kept:
            worker.close()

    def close(self) -> None:
        """Kill all idle workers."""
        with self._lock:
            workers = [worker for idle in self._idle.values() for worker in idle]
            self._idle.clear()
        for worker in workers:
            worker.close()

    def _leave(self, function: Function) -> None:
        with self._lock:
            self._busy[function.arn] -= 1

    def _start(self, function: Function) -> Worker:
        if not function.runtime.startswith("python3."):
            raise RuntimeNotRunError(
                f"runtime {function.runtime} of {function.name} is not run here, only python3.x"
            )
        version = function.runtime.removeprefix("python")
        python = interpreter(version)
        task = self._folder(function.code)
        layers = [self._folder(layer) for layer in function.layers]
        packages = [layer / "python" for layer in layers]
        sites = [layer / "python" / "lib" / f"python{version}" / "site-packages" for layer in layers]
        environment = {**self._environment(function, task), "LOCAL_PYTHON": python}
        return Worker(function, [task, *packages, *sites, self._provided], environment, self._spawner)

    def _folder(self, code: Code) -> Path:
        folder = self._folders.get(code.sha256)
        if folder is None:
            folder = self._folders[code.sha256] = unpack(code.content)
        return folder

    def _environment(self, function: Function, task: Path) -> dict[str, str]:
        """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            **self._account.role_environment(function.role, function.name),
            **dict(function.environment),
            "_HANDLER": function.handler,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "LAMBDA_TASK_ROOT": str(task),
            "LAMBDA_RUNTIME_DIR": str(self._provided),
        }
