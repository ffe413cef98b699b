"""A job run as the Glue API shows it."""

import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

ACTIVE = frozenset({"STARTING", "RUNNING", "STOPPING"})
LOG_GROUP = "/aws-glue/jobs"


def now() -> datetime:
    """The current time, UTC."""
    return datetime.now(tz=timezone.utc)


@dataclass(slots=True)
class JobRun:
    """The state of one run; `finished` is set after the last change."""

    job_name: str
    arguments: dict[str, str]
    settings: dict[str, Any]
    timeout_minutes: int
    previous_run_id: str | None = None
    job_run_id: str = field(default_factory=lambda: f"jr_{secrets.token_hex(32)}")
    status: str = "STARTING"
    error_message: str | None = None
    requested_on: datetime = field(default_factory=now)
    started_on: datetime | None = None
    modified_on: datetime = field(default_factory=now)
    completed_on: datetime | None = None
    stop_requested: bool = False
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def active(self) -> bool:
        """True while the run counts towards MaxConcurrentRuns."""
        return self.status in ACTIVE

    @property
    def execution_seconds(self) -> int:
        """Whole seconds between start and end (or now)."""
        if self.started_on is None:
            return 0
        return int(((self.completed_on or now()) - self.started_on).total_seconds())

    def advance(self) -> None:
        """Nothing to do: moto advances its simulated runs here, ours run by themselves."""

    def begin(self) -> None:
        """The script runs."""
        self.started_on = self.modified_on = now()
        if self.status == "STARTING":
            self.status = "RUNNING"

    def end(self, status: str, error_message: str | None = None) -> None:
        """Set the final state."""
        self.completed_on = self.modified_on = now()
        self.error_message = error_message
        self.status = status
        self.finished.set()

    def as_dict(self) -> dict[str, Any]:
        """The `JobRun` structure of GetJobRun."""
        shown = {
            "Id": self.job_run_id,
            "Attempt": 0,
            "PreviousRunId": self.previous_run_id,
            "JobName": self.job_name,
            "JobMode": "SCRIPT",
            "StartedOn": self.requested_on,
            "LastModifiedOn": self.modified_on,
            "CompletedOn": self.completed_on,
            "JobRunState": self.status,
            "Arguments": self.arguments or None,
            "ErrorMessage": self.error_message,
            "PredecessorRuns": [],
            "ExecutionTime": self.execution_seconds,
            "Timeout": self.timeout_minutes,
            "LogGroupName": LOG_GROUP,
            **self.settings,
        }
        return {key: value for key, value in shown.items() if value is not None}
