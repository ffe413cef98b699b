"""Runs Glue jobs: at most a few at a time on this machine, each in a child of its bundle's warm process."""

import os
import shutil
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from local_aws.access.guard import Guard
from local_aws.access.job_runs import NAMESPACE, RunRole
from local_aws.access.telemetry import send_metrics, write_log
from local_aws.emulator.account import Account
from local_aws.errors import LocalAwsError
from local_aws.glue.arguments import JobArguments
from local_aws.glue.bundle import Bundles
from local_aws.glue.run import LOG_GROUP, JobRun
from local_aws.glue.warm_processes import Ended, WarmProcess, WarmProcesses
from local_aws.processes.spawner import Spawner

STOP_SECONDS = 2.0
LONGEST_LOG_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """The part of the job definition that a run needs."""

    role: str
    glue_version: str | None
    script_location: str
    arguments: JobArguments
    connections: tuple[str, ...] = ()

    @property
    def urls(self) -> tuple[str, ...]:
        """The objects that a run reads before its script begins."""
        named = (
            self.script_location,
            *self.arguments.modules,
            *self.arguments.py_files,
            *self.arguments.files,
        )
        return tuple(url for url in named if url.startswith("s3://"))


class GlueRuntime:
    """Executes job runs; `seconds_per_minute` shortens `Timeout` in tests of timeouts."""

    def __init__(
        self, account: Account, guard: Guard, spawner: Spawner, provided: Path, scratch: Path
    ) -> None:
        self._account = account
        self._guard = guard
        self._scratch = scratch
        self._bundles = Bundles(account, scratch / "scripts")
        self._warm_processes = WarmProcesses(provided, spawner, scratch / "warm-processes.log")
        self._pool = ThreadPoolExecutor(max(4, 2 * (os.cpu_count() or 2)), thread_name_prefix="glue-run")
        self._killers: dict[str, WarmProcess] = {}
        self.seconds_per_minute = 60.0

    def start(self, run: JobRun, job: Job) -> None:
        """Start a run in the background; its state shows the progress."""
        self._pool.submit(self._execute, run, job)

    def stop(self, run: JobRun) -> None:
        """Ask a run to stop: its process gets SIGTERM, then SIGKILL."""
        run.stop_requested = True
        run.status = "STOPPING"
        threading.Thread(target=self._terminate, args=(run,), daemon=True).start()

    def close(self) -> None:
        """End all processes."""
        self._warm_processes.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _terminate(self, run: JobRun) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            warm = self._killers.get(run.job_run_id)
            if warm is not None:
                warm.kill(run.job_run_id, number)
            if run.finished.wait(STOP_SECONDS):
                return

    def _execute(self, run: JobRun, job: Job) -> None:
        folder = self._scratch / "runs" / run.job_run_id
        try:
            folder.mkdir(parents=True)
            status, message = self._run(run, job, folder)
            self._log(run, job, folder)
        except LocalAwsError as error:
            status, message = "FAILED", str(error)
        except Exception as error:
            status, message = "ERROR", f"{type(error).__name__}: {error}"
        finally:
            self._killers.pop(run.job_run_id, None)
            shutil.rmtree(folder, ignore_errors=True)
        run.end(status, message)

    def _run(self, run: JobRun, job: Job, folder: Path) -> tuple[str, str | None]:
        if run.stop_requested:
            return "STOPPED", None
        role = RunRole(self._guard, job.role, session_of(run))
        role.authorize_start(job.connections, job.urls, self._account.has_object)
        bundle = self._bundles.prepare(job.glue_version, job.script_location, job.arguments)
        self._bundles.files(job.arguments, folder)
        warm = self._warm_processes.get(bundle)
        over = threading.Event()
        results: list[Ended] = []

        def on_end(ended: Ended) -> None:
            results.append(ended)
            over.set()

        self._killers[run.job_run_id] = warm
        warm.run(
            run.job_run_id,
            argv=[str(bundle.script), *job.arguments.argv],
            env=self._environment(run, job, folder),
            cwd=folder,
            on_start=run.begin,
            on_end=on_end,
        )
        if run.stop_requested:
            warm.kill(run.job_run_id, signal.SIGKILL)
        in_time = over.wait(run.timeout_minutes * self.seconds_per_minute)
        if not in_time:
            warm.kill(run.job_run_id, signal.SIGKILL)
            over.wait()
        if run.stop_requested:
            return "STOPPED", None
        if not in_time:
            return "TIMEOUT", f"Job run exceeded its timeout of {run.timeout_minutes} minutes"
        return outcome(results[0], folder)

    def _environment(self, run: JobRun, job: Job, folder: Path) -> dict[str, str]:
        return {
            **self._account.role_environment(job.role, session_of(run)),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONUNBUFFERED": "1",
        }

    def _log(self, run: JobRun, job: Job, folder: Path) -> None:
        role, session = job.role, session_of(run)
        for name, group in (("stdout", "output"), ("stderr", "error")):
            where = f"{LOG_GROUP}/{group}"
            write_log(
                self._guard, self._account, role, session, where, run.job_run_id, lines_of(folder / name)
            )
        if continuous := job.arguments.continuous_log_group:
            write_log(
                self._guard,
                self._account,
                role,
                session,
                continuous,
                run.job_run_id,
                lines_of(folder / "stdout"),
            )
        if job.arguments.metrics:
            send_metrics(self._guard, role, session, run.job_name, NAMESPACE)


def session_of(run: JobRun) -> str:
    """The name of the role's session in which a run works."""
    return f"GlueJobRunnerSession-{run.job_run_id}"


def outcome(ended: Ended, folder: Path) -> tuple[str, str | None]:
    """State and ErrorMessage of a run whose process ended by itself."""
    if ended.status == 0:
        return "SUCCEEDED", None
    error = folder / "error"
    if error.exists():
        return "FAILED", error.read_text(errors="replace")
    code = os.waitstatus_to_exitcode(ended.status)
    return "FAILED", f"Command failed with exit code {code if code >= 0 else 128 - code}"


def lines_of(path: Path) -> Iterable[str]:
    """The lines of a log file; only the end of a very long one."""
    if not path.exists():
        return []
    return path.read_bytes()[-LONGEST_LOG_BYTES:].decode(errors="replace").splitlines()
