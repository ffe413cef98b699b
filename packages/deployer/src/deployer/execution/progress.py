"""The result of each table, derived from history events; pure.

The pipeline's state names carry the meaning: Execute{Word}SQL starts a table, {Word}TableSuccess and
{Word}TableFailed end it, with Word Stage or EDV and the table's name in the state's input.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any

_LAYERS = {"Stage": "STG", "EDV": "EDV"}
_STARTED = re.compile(r"Execute(Stage|EDV)SQL")
_ENDED = re.compile(r"(Stage|EDV)Table(Success|Failed)")
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
            if exited and exited["name"] == "BuildProcessingPlan":
                self._plan(_json(exited.get("output")))

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

    def _plan(self, output: Mapping[str, Any]) -> None:
        counts = output.get("counts", {})
        names = {"stg": "STG", "dv": "EDV"}
        self.planned = {layer: counts[name] for name, layer in names.items() if name in counts}

    def _entered(self, state: str, data: Mapping[str, Any], when: datetime) -> Iterator[TableRun]:
        started, ended = _STARTED.fullmatch(state), _ENDED.fullmatch(state)
        if started:
            yield self._keep(TableRun(_LAYERS[started[1]], _table(data), Status.RUNNING, when))
        elif ended:
            status, error = _verdict(ended[2], data.get("error"))
            before = self.tables.get((_LAYERS[ended[1]], _table(data)))
            begun = before or TableRun(_LAYERS[ended[1]], _table(data), Status.RUNNING, when)
            yield self._keep(replace(begun, status=status, ended=when, error=error))

    def _keep(self, table: TableRun) -> TableRun:
        self.tables[table.layer, table.table] = table
        return table


def _verdict(word: str, error: Any) -> tuple[Status, str | None]:
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


def _table(data: Mapping[str, Any]) -> str:
    return str(data.get("table_name", "?"))


def _json(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
