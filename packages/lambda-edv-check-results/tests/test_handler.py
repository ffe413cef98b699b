import io
import json
import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from aws_lambda_powertools.logging import Logger

from edv_check_results import core, handler, postgres
from edv_check_results.errors import BadEvent
from local_aws.pytest_plugin import Database
from process_control.migrations import migrate

FAILED = {
    "table_name": "FARM_H",
    "status": "FAILED",
    "layer": "EDV",
    "groupIndex": 2,
    "error": {"Error": "States.TaskFailed", "Cause": '{"ErrorMessage": "duplicate key"}'},
}
OK = {"table_name": "TR_H", "status": "SUCCESS", "layer": "EDV"}


class Lines(list[tuple[Any, ...]]):
    """A log that keeps its lines, or that cannot write."""

    def __init__(self, problem: str | None = None) -> None:
        super().__init__()
        self.problem = problem

    def check(self, checked: core.Check, execution: str | None) -> str | None:
        self.append((core.sentence(checked), execution))
        return self.problem

    def failure(self, failed: core.Failure, layer: str, execution: str | None) -> str | None:
        self.append((failed.table_name, failed.reason, layer, execution))
        return self.problem


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    stream = io.StringIO()
    monkeypatch.setattr(handler, "logger", Logger(service=f"test-{id(stream)}", stream=stream, level="INFO"))
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Lines:
    lines = Lines()
    monkeypatch.setattr(postgres, "operation_log", lambda _context: lines)
    return lines


@pytest.fixture
def deployed(
    database: Database, secret: dict[str, Any], local_secret: Callable[[dict[str, Any]], None]
) -> Iterator[psycopg.Connection[Any]]:
    """The function's environment, its secret and its database with the log tables."""
    local_secret(secret)
    with psycopg.connect(database.dsn, autocommit=True) as conn:
        migrate(conn)
        yield conn


def test_layer_is_checked_and_written_down(log: Lines, output: Callable[[], list[dict[str, Any]]]) -> None:
    event = {"layer": "EDV", "results": [{"groupResults": [OK, FAILED]}], "execution": "nightly-1"}
    answer = handler.handler(event, None)
    assert answer["logged"] is True
    assert (answer["successCount"], answer["failedTables"], answer["canContinue"]) == (1, ["FARM_H"], True)
    assert log == [("EDV: 1 of 2 tables loaded, 1 failed, 0 skipped: FARM_H", "nightly-1")]
    [line] = output()
    assert (line["execution"], line["layer"], line["failed"]) == ("nightly-1", "EDV", ["FARM_H"])


def test_item_is_cut_to_size_and_written_down_whole(log: Lines) -> None:
    long = {**FAILED, "error": {"Error": "E", "Cause": "x" * 1000}}
    answer = handler.handler({"layer": "EDV", "mode": "item", "results": [long]}, None)
    assert answer == {
        "table_name": "FARM_H",
        "status": "FAILED",
        "layer": "EDV",
        "groupIndex": 2,
        "error": {"Error": "E", "Cause": "x" * 147 + "..."},
        "logged": True,
    }
    assert log == [("FARM_H", "x" * 1000, "EDV", None)]


@pytest.mark.parametrize(("planned", "kept"), [(100, 500), (101, 150)])
def test_item_of_a_layer_with_few_tables_keeps_more(log: Lines, planned: int, kept: int) -> None:
    long = {**FAILED, "error": {"Error": "E", "Cause": "x" * 1000}}
    event = {"layer": "EDV", "mode": "item", "results": [long], "planned": planned}
    assert handler.handler(event, None)["error"]["Cause"] == "x" * (kept - 3) + "..."


def test_bad_event_is_logged_and_raised_and_writes_nothing(
    log: Lines, output: Callable[[], list[dict[str, Any]]]
) -> None:
    with pytest.raises(BadEvent, match="event\\['results'\\] is missing"):
        handler.handler({"layer": "STG"}, None)
    assert log == []
    [line] = output()
    assert (line["level"], line["message"]) == ("ERROR", "bad event")
    assert line["reason"].startswith("event['results'] is missing")


@pytest.mark.parametrize(("mode", "limit"), [("layer", 500), ("item", 100)])
def test_log_that_fails_is_visible_in_answer_and_output_and_decides_nothing(
    monkeypatch: pytest.MonkeyPatch, output: Callable[[], list[dict[str, Any]]], mode: str, limit: int
) -> None:
    monkeypatch.setattr(postgres, "operation_log", lambda _context: Lines("no route " * 100))
    event = {"layer": "EDV", "mode": mode, "results": [FAILED], "execution": "nightly-1"}
    answer = handler.handler(event, None)
    assert answer["logged"] is False
    assert answer["log_error"].startswith("no route")
    assert len(answer["log_error"]) <= limit
    line = output()[-1]
    assert (line["message"], line["execution"]) == ("not written to the database log", "nightly-1")
    assert line.get("table_name") == ("FARM_H" if mode == "item" else None)


def test_lines_reach_the_database(deployed: psycopg.Connection[Any]) -> None:
    item = handler.handler(
        {"layer": "EDV", "mode": "item", "results": [FAILED], "execution": "nightly-1"}, None
    )
    layer = handler.handler({"layer": "EDV", "results": [OK, item]}, None)
    assert (item["logged"], layer["logged"]) == (True, True)
    rows = deployed.execute(
        "SELECT log_type, log_message, data_obj_nm, layer_nm, execution_nm"
        " FROM dart_process_control.data_ppln_oper_log ORDER BY data_ppln_oper_log_id"
    ).fetchall()
    assert rows == [
        ("ERROR", "States.TaskFailed: duplicate key", "FARM_H", "EDV", "nightly-1"),
        ("ERROR", "EDV: 1 of 2 tables loaded, 1 failed, 0 skipped: FARM_H", None, "EDV", None),
    ]


def test_database_that_is_down_changes_only_logged(
    secret: dict[str, Any], local_secret: Callable[[dict[str, Any]], None]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        local_secret({**secret, "postgres_port": probe.getsockname()[1]})
        answer = handler.handler({"layer": "EDV", "results": [OK]}, None)
    assert (answer["canContinue"], answer["logged"]) == (True, False)
    assert "onnection refused" in answer["log_error"]
    assert secret["edv_postgres_password"] not in answer["log_error"]


def test_without_a_secret_name_the_answer_says_that_logging_is_off() -> None:
    assert "DB_SECRET_NAME" not in os.environ
    answer = handler.handler({"layer": "STG", "results": []}, None)
    assert answer["logged"] is False
    assert "logging is off" in answer["log_error"]
