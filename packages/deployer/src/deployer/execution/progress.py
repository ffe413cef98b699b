"""The result of each table, derived from history events; pure.

The pipelines' state names carry the meaning: Execute{Word}SQL starts a table, {Word}TableSuccess and
{Word}TableFailed end it, with Word Stage or EDV and the table's name in the state's input. In the landing pipeline
`Move to Final Zone` starts the tables of a batch, whose names are joined by commas; which tables of a failed batch
were loaded comes with the check of the results.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

_LAYERS = {"Stage": "STG", "EDV": "EDV", "Landing": "LANDING"}
_STARTING = {"ExecuteStageSQL": "STG", "ExecuteEDVSQL": "EDV", "Move to Final Zone": "LANDING"}
_ENDED = re.compile(r"(Stage|EDV|Landing)Table(Success|Failed)")
_PLANNED = {
    "BuildProcessingPlan": {"stg": "STG", "dv": "EDV"},
    "Get Incremental Table list From S3": {"stg": "LANDING"},
}
_SKIPPED = "skipped: "
_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionAborted": "ABORTED",
    "ExecutionTimedOut": "TIMED_OUT",
}


class Status(Enum):
    """State of one table in a run."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class TableRun:
    """One table of a run; `error` is `Error: Cause`, shortened."""

    layer: str
    table: str
    status: Status
    started: datetime
    ended: datetime | None = None
    error: str | None = None

    @property
    def seconds(self) -> float | None:
        """Wall-clock duration, None while it runs."""
        return (self.ended - self.started).total_seconds() if self.ended else None


@dataclass
class RunProgress:
    """Tables by layer and name, the planned number per layer, and how the execution ended."""

    tables: dict[tuple[str, str], TableRun] = field(default_factory=dict)
    planned: dict[str, int] = field(default_factory=dict)
    ended: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def observe(self, events: Iterable[Mapping[str, Any]]) -> Iterator[TableRun]:
        """Processes events, oldest first; yields each table whose status changed."""
        for event in events:
            self._clock(event)
            entered = event.get("stateEnteredEventDetails")
            if entered:
                yield from self._entered(entered["name"], _json(entered.get("input")), event["timestamp"])
            exited = event.get("stateExitedEventDetails")
            if exited and exited["name"] in _PLANNED:
                self._plan(_PLANNED[exited["name"]], _json(exited.get("output")))
            if exited and exited["name"] == "CheckLandingResults":
                yield from self._checked(_json(exited.get("output")), event["timestamp"])

    @property
    def seconds(self) -> float | None:
        """Wall-clock duration of the execution, None while it runs."""
        if self.started_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.started_at).total_seconds()

    def with_status(self, *statuses: Status) -> list[TableRun]:
        """Tables in one of the statuses, in the order in which they started."""
        return [table for table in self.tables.values() if table.status in statuses]

    def _clock(self, event: Mapping[str, Any]) -> None:
        if event["type"] == "ExecutionStarted":
            self.started_at = event["timestamp"]
        if event["type"] in _ENDS:
            self.ended, self.ended_at = _ENDS[event["type"]], event["timestamp"]

    def _plan(self, names: Mapping[str, str], output: Mapping[str, Any]) -> None:
        counts = output.get("counts", {})
        self.planned = {layer: counts[name] for name, layer in names.items() if name in counts}

    def _entered(self, state: str, data: Mapping[str, Any], when: datetime) -> Iterator[TableRun]:
        ended = _ENDED.fullmatch(state)
        layer = _LAYERS[ended[1]] if ended else _STARTING.get(state)
        if layer is None:
            return
        for name in _tables(data, layer):
            begun = self.tables.get((layer, name)) if ended else None
            run = begun or TableRun(layer, name, Status.RUNNING, when)
            if ended:
                status, error = _result(ended[2], data.get("error"))
                run = replace(run, status=status, ended=when, error=error)
            yield self._keep(run)

    def _checked(self, output: Mapping[str, Any], when: datetime) -> Iterator[TableRun]:
        """Tables of failed batches that were loaded all the same."""
        check = output.get("landing", {}).get("check", {})
        if "failedTables" not in check or "failedTablesOmitted" in check:
            return
        for run in self.with_status(Status.FAILED):
            if run.layer == "LANDING" and run.table not in check["failedTables"]:
                yield self._keep(replace(run, status=Status.SUCCEEDED, ended=when, error=None))

    def _keep(self, table: TableRun) -> TableRun:
        self.tables[table.layer, table.table] = table
        return table


def _result(word: str, error: Any) -> tuple[Status, str | None]:
    if word == "Success":
        return Status.SUCCEEDED, None
    text = explain(error)
    skipped = _SKIPPED in text
    return (Status.SKIPPED if skipped else Status.FAILED), text


def explain(error: Any) -> str:
    """`Error: Cause` of a caught error; a cause that is JSON (Glue, Lambda) is reduced to its message."""
    if not isinstance(error, Mapping):
        return "unknown error"
    cause = str(error.get("Cause") or "no cause given")
    inner = _json(cause)
    message = inner.get("ErrorMessage") or inner.get("errorMessage") or cause
    return f"{error.get('Error', 'Error')}: {message}"


def _tables(data: Mapping[str, Any], layer: str) -> list[str]:
    name = str(data.get("table_name", "?"))
    return name.split(",") if layer == "LANDING" else [name]


def _json(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
