from datetime import datetime, timezone
from typing import Any

from stepfunctions_local_test.containers.reports import lines, sections

NOON = datetime(2026, 6, 1, 12, 0, 0, 123_000, tzinfo=timezone.utc)


def event(number: int, kind: str, previous: int, **details: Any) -> dict[str, Any]:
    return {"id": number, "type": kind, "previousEventId": previous, "timestamp": NOON, **details}


FAILED = [
    event(1, "ExecutionStarted", 0),
    event(2, "TaskStateEntered", 1, stateEnteredEventDetails={"name": "Load"}),
    event(3, "TaskScheduled", 2),
    event(
        4, "TaskFailed", 3, taskFailedEventDetails={"error": "States.TaskFailed", "cause": "row 7\n is bad"}
    ),
    event(5, "ExecutionFailed", 4, executionFailedEventDetails={"error": "States.TaskFailed"}),
]


def test_an_event_is_a_line_of_id_time_type_state_and_error() -> None:
    assert list(lines(FAILED)) == [
        "   1 12:00:00.123 ExecutionStarted",
        "   2 12:00:00.123 TaskStateEntered Load",
        "   3 12:00:00.123 TaskScheduled    Load",
        "   4 12:00:00.123 TaskFailed       Load States.TaskFailed: row 7 is bad",
        "   5 12:00:00.123 ExecutionFailed       States.TaskFailed",
    ]


def test_a_long_cause_is_cut() -> None:
    (line,) = lines([event(1, "ExecutionFailed", 0, executionFailedEventDetails={"cause": "x" * 1000})])
    assert line.endswith("x" * 300 + "...")


class Gone:
    """A container that was removed meanwhile."""

    def __init__(self) -> None:
        self.executions: list[str] = []

    def log_tail(self, lines: int = 50) -> str:
        raise ConnectionError("no container")

    def history(self, execution_arn: str) -> list[dict[str, Any]]:
        return FAILED

    def stop(self) -> None: ...


def test_what_cannot_be_read_says_why_and_hides_nothing_else() -> None:
    titles = dict(sections(Gone(), ["arn:1"]))
    assert titles["log of Step Functions Local"] == "cannot be read: ConnectionError: no container"
    assert "row 7 is bad" in titles["history of arn:1"]
