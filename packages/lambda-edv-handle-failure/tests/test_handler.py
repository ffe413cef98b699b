import io
import json
import socket
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from aws_lambda_powertools.logging import Logger

from edv_handle_failure import handler, postgres, sns
from edv_handle_failure.errors import BadEvent
from edv_handle_failure.events import Failure
from local_aws.pytest_plugin import Database
from process_control.ledger import RunKey, TableLoad, record_complete
from process_control.migrations import migrate

EVENT: dict[str, Any] = {
    "error": {"Error": "States.TaskFailed", "Cause": '{"ErrorMessage": "decimal too large"}'},
    "data_src_nm": "CARS",
    "run_type": "incremental",
    "start_date": "2026-05-03",
}
RUN = RunKey("CARS", "incremental", date(2026, 5, 3))


class Log:
    """Keeps what was written, or cannot write."""

    def __init__(self, problem: str | None = None) -> None:
        self.problem = problem
        self.written: list[str] = []

    def failure(self, failure: Failure) -> str | None:
        self.written.append(failure.reason)
        return self.problem

    def close_job(self, failure: Failure) -> str | None:
        self.written.append(f"closed {failure.run}")
        return self.problem


class Topic:
    """Keeps what was sent, or cannot send."""

    def __init__(self, problem: str | None = None) -> None:
        self.problem = problem
        self.sent: list[tuple[str, str]] = []

    def notify(self, subject: str, message: str) -> str | None:
        self.sent.append((subject, message))
        return self.problem


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    stream = io.StringIO()
    monkeypatch.setattr(handler, "logger", Logger(service=f"test-{id(stream)}", stream=stream, level="INFO"))
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def use(monkeypatch: pytest.MonkeyPatch, log: Log, topic: Topic) -> None:
    monkeypatch.setattr(postgres, "error_log", lambda _context: log)
    monkeypatch.setattr(sns, "topic", lambda: topic)
    monkeypatch.setenv("CARS_ENV", "cert")


def test_failure_is_told_and_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    log, topic = Log(), Topic()
    use(monkeypatch, log, topic)
    assert handler.handler(EVENT, None) == {
        "handled": True,
        "error_logged": True,
        "notification_sent": True,
        "job_closed": True,
        "error_type": "States.TaskFailed",
        "reason": "decimal too large",
    }
    assert log.written == ["decimal too large", "closed CARS incremental 2026-05-03"]
    [(subject, message)] = topic.sent
    assert subject == "CARS EDV pipeline failed (cert): CARS incremental 2026-05-03: States.TaskFailed"
    assert "reason:      decimal too large\n" in message


def test_neither_a_failing_log_nor_a_failing_topic_raises_or_hides_the_other(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], list[dict[str, Any]]]
) -> None:
    log, topic = Log("no route"), Topic("not authorized")
    use(monkeypatch, log, topic)
    answer = handler.handler({**EVENT, "execution": "nightly-1"}, None)
    assert (answer["handled"], answer["error_logged"], answer["notification_sent"]) == (True, False, False)
    assert (answer["log_error"], answer["notification_error"]) == ("no route", "not authorized")
    assert (log.written, len(topic.sent)) == (["decimal too large"], 1)
    lines = output()
    assert [line["level"] for line in lines] == ["ERROR", "WARNING", "WARNING"]
    assert {line.get("effect") for line in lines} == {None, "log", "notification"}
    assert {line["execution"] for line in lines} == {"nightly-1"}


def test_broken_run_key_is_reported_and_then_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    log, topic = Log(), Topic()
    use(monkeypatch, log, topic)
    with pytest.raises(BadEvent) as caught:
        handler.handler({**EVENT, "start_date": "2025-13-01"}, None)
    assert str(caught.value) == "event['start_date'] must be YYYY-MM-DD, got '2025-13-01'"
    assert "CARS incremental 2025-13-01" in topic.sent[0][0]
    assert log.written[0] == "decimal too large"


def test_event_without_an_error_is_logged_and_raised_without_a_notification(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], list[dict[str, Any]]]
) -> None:
    log, topic = Log(), Topic()
    use(monkeypatch, log, topic)
    with pytest.raises(BadEvent, match=r"event\['error'\] is missing"):
        handler.handler({key: value for key, value in EVENT.items() if key != "error"}, None)
    assert (log.written, topic.sent) == ([], [])
    [line] = output()
    assert (line["level"], line["message"]) == ("ERROR", "bad event")


@pytest.mark.parametrize("execution", ["nightly-1", None])
def test_failure_and_end_of_the_job_reach_the_database(
    database: Database,
    secret: dict[str, Any],
    local_secret: Callable[[dict[str, Any]], None],
    execution: str | None,
) -> None:
    local_secret(secret)
    with psycopg.connect(database.dsn, autocommit=True) as conn:
        migrate(conn)
        load = TableLoad(RUN, "STG", "B", "r", "d", "nightly-1", "jr_1")
        record_complete(conn, load, started_at=datetime.now(UTC), row_count=1)
        answer = handler.handler({**EVENT, "execution": execution}, None)
        rows = conn.execute(
            "SELECT data_src_nm, run_type, start_date, error_type, error_message, execution_nm"
            " FROM dart_process_control.data_ppln_error_log"
        ).fetchall()
        jobs = conn.execute(
            "SELECT job_stat_nm, err_msg_txt FROM dart_process_control.data_ppln_job"
        ).fetchall()
    assert (answer["error_logged"], answer["job_closed"], answer["notification_sent"]) == (True, True, False)
    assert rows == [
        ("CARS", "incremental", date(2026, 5, 3), "States.TaskFailed", "decimal too large", execution)
    ]
    assert jobs == [("Failed", "States.TaskFailed: decimal too large")]


def test_bad_date_is_stored_under_today_with_a_note(
    database: Database, secret: dict[str, Any], local_secret: Callable[[dict[str, Any]], None]
) -> None:
    local_secret(secret)
    before = datetime.now(UTC).date()
    with psycopg.connect(database.dsn, autocommit=True) as conn:
        migrate(conn)
        with pytest.raises(BadEvent):
            handler.handler({**EVENT, "start_date": "soon"}, None)
        row = conn.execute(
            "SELECT start_date, error_message FROM dart_process_control.data_ppln_error_log"
        ).fetchone()
    assert row is not None
    assert before <= row[0] <= datetime.now(UTC).date()
    assert row[1] == "decimal too large; event['start_date'] must be YYYY-MM-DD, got 'soon'"


def test_database_that_is_down_changes_only_the_answer(
    secret: dict[str, Any], local_secret: Callable[[dict[str, Any]], None]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        local_secret({**secret, "postgres_port": probe.getsockname()[1]})
        answer = handler.handler(EVENT, None)
    assert (answer["handled"], answer["error_logged"], answer["job_closed"]) == (True, False, False)
    assert "onnection refused" in answer["log_error"]


def test_without_secret_and_topic_the_answer_says_that_both_are_off() -> None:
    answer = handler.handler(EVENT, None)
    assert "logging is off" in answer["log_error"]
    assert "no topic is configured" in answer["notification_error"]
