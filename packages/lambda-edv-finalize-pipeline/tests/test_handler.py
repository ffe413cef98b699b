import io
import json
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from aws_lambda_powertools.logging import Logger

from edv_finalize_pipeline import core, handler, postgres
from edv_finalize_pipeline.errors import BadEvent
from edv_finalize_pipeline.events import Request
from local_aws.pytest_plugin import Database
from process_control.ledger import RunKey, TableLoad, record_complete
from process_control.migrations import migrate

EVENT: dict[str, Any] = {
    "data_src_nm": "CARS",
    "run_type": "incremental",
    "start_date": "2026-05-03",
    "counts": {"stg": 2, "dv": 1, "dvGroups": 1},
    "stageCheck": {
        "successCount": 1,
        "failedCount": 1,
        "failedTables": ["A"],
        "rootError": {"table_name": "A", "Error": "E", "Cause": "no such file"},
    },
    "edvCheck": {"successCount": 1, "failedCount": 0, "failedTables": []},
}
RUN = RunKey("CARS", "incremental", date(2026, 5, 3))


class Log:
    """Keeps what was written, or cannot write."""

    def __init__(self, problem: str | None = None) -> None:
        self.problem = problem
        self.written: list[tuple[str, date]] = []

    def finished(
        self, request: Request, status: core.Status, end_date: date, summary: Mapping[str, Any]
    ) -> str | None:
        self.written.append((status, end_date))
        return self.problem


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    stream = io.StringIO()
    monkeypatch.setattr(handler, "logger", Logger(service=f"test-{id(stream)}", stream=stream, level="INFO"))
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def use(monkeypatch: pytest.MonkeyPatch, log: Log) -> Log:
    monkeypatch.setattr(postgres, "run_log", lambda _context: log)
    return log


def test_run_is_evaluated_logged_and_answered(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], list[dict[str, Any]]]
) -> None:
    log = use(monkeypatch, Log())
    before = datetime.now(UTC).date()
    answer = handler.handler({**EVENT, "execution": "nightly-1"}, None)
    assert (answer["status"], answer["logged"], answer["rootError"]["table_name"]) == (
        "PARTIAL_SUCCESS",
        True,
        "A",
    )
    assert before.isoformat() <= answer["summary"]["end_date"] <= datetime.now(UTC).date().isoformat()
    assert log.written == [("PARTIAL_SUCCESS", date.fromisoformat(answer["summary"]["end_date"]))]
    [line] = output()
    assert (line["execution"], line["status"], line["totals"]["success"]) == (
        "nightly-1",
        "PARTIAL_SUCCESS",
        2,
    )


def test_log_that_fails_is_visible_in_answer_and_output_and_decides_nothing(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], list[dict[str, Any]]]
) -> None:
    use(monkeypatch, Log("no route to host"))
    answer = handler.handler(EVENT, None)
    assert (answer["status"], answer["logged"], answer["log_error"]) == (
        "PARTIAL_SUCCESS",
        False,
        "no route to host",
    )
    assert output()[-1]["reason"] == "no route to host"


def test_bad_event_is_logged_and_raised_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], list[dict[str, Any]]]
) -> None:
    log = use(monkeypatch, Log())
    with pytest.raises(BadEvent, match=r"event\['start_date'\] must be YYYY-MM-DD, got '2025-13-01'"):
        handler.handler({**EVENT, "start_date": "2025-13-01"}, None)
    assert log.written == []
    [line] = output()
    assert (line["level"], line["message"]) == ("ERROR", "bad event")
    assert "2025-13-01" in line["reason"]


@pytest.mark.parametrize(
    ("failed", "status", "job"),
    [(0, "SUCCESS", ("Complete", None)), (1, "PARTIAL_SUCCESS", ("Complete", "A: no such file"))],
)
@pytest.mark.parametrize("execution", ["nightly-1", None])
def test_run_and_job_reach_the_database(
    database: Database,
    secret: dict[str, Any],
    local_secret: Callable[[dict[str, Any]], None],
    failed: int,
    status: str,
    job: tuple[str, str | None],
    execution: str | None,
) -> None:
    local_secret(secret)
    with psycopg.connect(database.dsn, autocommit=True) as conn:
        migrate(conn)
        load = TableLoad(RUN, "STG", "B", "r", "d", "nightly-1", "jr_1")
        record_complete(conn, load, started_at=datetime.now(UTC), row_count=1)
        event = EVENT | {"execution": execution, "release": "0f" * 16}
        if not failed:
            event |= {"stageCheck": {"successCount": 2, "failedCount": 0, "failedTables": []}}
        answer = handler.handler(event, None)
        assert answer["logged"] is True
        run = conn.execute(
            "SELECT data_src_nm, run_type, start_date, end_date, status, stg_success_ct, stg_failed_ct, edv_success_ct,"
            " edv_failed_ct, summary_json, execution_nm, release_cd FROM dart_process_control.data_ppln_run_log"
        ).fetchall()
        closed = conn.execute(
            "SELECT job_stat_nm, err_msg_txt FROM dart_process_control.data_ppln_job"
        ).fetchall()
    end = date.fromisoformat(answer["summary"]["end_date"])
    counts = (2 - failed, failed, 1, 0)
    assert run == [
        ("CARS", "incremental", RUN.start_date, end, status, *counts, answer["summary"], execution, "0f" * 16)
    ]
    assert closed == [job]


def test_failed_run_closes_its_job_as_failed_even_when_no_table_was_recorded(
    database: Database, secret: dict[str, Any], local_secret: Callable[[dict[str, Any]], None]
) -> None:
    local_secret(secret)
    with psycopg.connect(database.dsn, autocommit=True) as conn:
        migrate(conn)
        answer = handler.handler(
            EVENT | {"stageCheck": None, "edvCheck": None, "execution": "nightly-2"}, None
        )
        found = conn.execute(
            "SELECT execution_nm, job_stat_nm FROM dart_process_control.data_ppln_job"
        ).fetchall()
    assert answer["status"] == "FAILED"
    assert found == [("nightly-2", "Failed")]


def test_database_that_is_down_changes_only_logged(
    secret: dict[str, Any], local_secret: Callable[[dict[str, Any]], None]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        local_secret({**secret, "postgres_port": probe.getsockname()[1]})
        answer = handler.handler(EVENT, None)
    assert (answer["status"], answer["logged"]) == ("PARTIAL_SUCCESS", False)
    assert "onnection refused" in answer["log_error"]


def test_without_a_secret_name_the_answer_says_that_logging_is_off() -> None:
    answer = handler.handler(EVENT, None)
    assert answer["logged"] is False
    assert "logging is off" in answer["log_error"]
