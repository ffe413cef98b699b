"""Following an execution: each event once, each table's fate, the end told as it was."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from rich.console import Console

from deployer.errors import RunError
from deployer.execution.follow import Result, as_json, follow, result
from deployer.execution.history import History
from deployer.execution.progress import RunProgress, Status, explain
from deployer.execution.start import RunRequest, execution_name, parse_date, start
from deployer.views.run import closing, view_of

START = datetime(2026, 6, 2, 3, 15, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:111122223333:execution:FSA-CERT-CARS-EDV-Pipeline:x"


def _entered(name: str, **data: Any) -> dict[str, Any]:
    return {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": name, "input": json.dumps(data)}}


def _numbered(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**event, "id": number, "timestamp": START + timedelta(seconds=number)}
        for number, event in enumerate(events, start=1)
    ]


SKIPPED = json.dumps({"ErrorMessage": "skipped: STG.TRACT failed: bad decimal", "JobName": "j"})
EVENTS = _numbered(
    [
        {"type": "ExecutionStarted"},
        {
            "type": "TaskStateExited",
            "stateExitedEventDetails": {
                "name": "BuildProcessingPlan",
                "output": json.dumps({"counts": {"stg": 2, "dv": 1, "dvGroups": 1}}),
            },
        },
        _entered("ExecuteStageSQL", table_name="FARM"),
        _entered("ExecuteStageSQL", table_name="TRACT"),
        _entered("StageTableSuccess", table_name="FARM"),
        _entered(
            "StageTableFailed", table_name="TRACT", error={"Error": "Glue.Failed", "Cause": "bad decimal"}
        ),
        _entered("ExecuteEDVSQL", table_name="TR_H", groupIndex=0),
        _entered("EDVTableFailed", table_name="TR_H", error={"Error": "Glue.Failed", "Cause": SKIPPED}),
        {"type": "ExecutionSucceeded"},
    ]
)


class PagedStates:
    """A Step Functions that answers as AWS does: pages, newest first, one event more visible per poll."""

    def __init__(self, events: Sequence[Mapping[str, Any]], page: int, step: int = 3) -> None:
        self.events, self.page, self.step, self.visible, self.calls = events, page, step, 0, 0
        self.end: dict[str, Any] = {"status": "SUCCEEDED", "output": '{"status": "SUCCESS"}'}

    def get_execution_history(self, **asked: Any) -> dict[str, Any]:
        self.calls += 1
        token = asked.get("nextToken")
        if token is None:
            self.visible = min(self.visible + self.step, len(self.events))
        newest = list(reversed(self.events[: self.visible]))
        begin = int(token or 0)
        found: dict[str, Any] = {"events": newest[begin : begin + self.page]}
        if begin + self.page < len(newest):
            found["nextToken"] = str(begin + self.page)
        return found

    def describe_execution(self, **_: Any) -> dict[str, Any]:
        return self.end


@pytest.mark.parametrize("page", [1, 2, 4, 100])
def test_every_event_is_seen_once_and_in_order_whatever_the_page_size(page: int) -> None:
    states: Any = PagedStates(EVENTS, page)
    history = History(states, ARN)
    seen = [event["id"] for _ in range(5) for event in history.new_events()]
    assert seen == list(range(1, len(EVENTS) + 1))


def test_quiet_poll_costs_one_call() -> None:
    states: Any = PagedStates(EVENTS, 2, step=len(EVENTS))
    history = History(states, ARN)
    history.new_events()
    states.calls = 0
    assert history.new_events() == []
    assert states.calls == 1


def test_tables_are_followed_to_their_end() -> None:
    states: Any = PagedStates(EVENTS, 4)
    pauses: list[float] = []
    progress = RunProgress()
    changed = [table for tables in follow(states, ARN, progress, sleep=pauses.append) for table in tables]
    assert [(table.table, table.status) for table in changed] == [
        ("FARM", Status.RUNNING),
        ("TRACT", Status.RUNNING),
        ("FARM", Status.SUCCEEDED),
        ("TRACT", Status.FAILED),
        ("TR_H", Status.RUNNING),
        ("TR_H", Status.SKIPPED),
    ]
    assert progress.planned == {"STG": 2, "EDV": 1}
    assert progress.tables["STG", "FARM"].seconds == 2.0
    assert progress.tables["STG", "TRACT"].error == "Glue.Failed: bad decimal"
    assert progress.tables["EDV", "TR_H"].error == "Glue.Failed: skipped: STG.TRACT failed: bad decimal"
    assert progress.ended == "SUCCEEDED"
    assert progress.seconds == 8.0
    assert len(pauses) == 2


def test_lost_connection_is_an_error_and_the_execution_continues() -> None:
    class Gone:
        def get_execution_history(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://states")

    states: Any = Gone()
    with pytest.raises(RunError, match=r"cannot follow .*; the execution continues"):
        list(follow(states, ARN, RunProgress(), sleep=lambda _: None))


def test_partial_success_is_not_a_success_and_shows_the_root_error() -> None:
    states: Any = PagedStates(EVENTS, 100)
    root = {"table_name": "TRACT", "Error": "Glue.Failed", "Cause": "bad decimal"}
    states.end = {
        "status": "SUCCEEDED",
        "output": json.dumps({"status": "PARTIAL_SUCCESS", "rootError": root}),
    }
    final = result(states, ARN)
    assert not final.succeeded
    assert (final.status, final.error) == ("PARTIAL_SUCCESS", "TRACT: Glue.Failed: bad decimal")


def test_failed_execution_shows_its_error() -> None:
    states: Any = PagedStates(EVENTS, 100)
    cause = json.dumps({"errorMessage": "plan is empty", "errorType": "EmptyPlan"})
    states.end = {"status": "FAILED", "error": "EmptyPlan", "cause": cause}
    final = result(states, ARN)
    assert (final.status, final.error, final.succeeded) == ("FAILED", "EmptyPlan: plan is empty", False)


def test_error_without_a_cause_is_still_explained() -> None:
    assert explain({"Error": "States.Timeout"}) == "States.Timeout: no cause given"
    assert explain(None) == "unknown error"


def test_view_without_a_terminal_is_one_plain_line_per_finished_table_and_a_summary() -> None:
    console = Console(width=200, record=True, force_terminal=False, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    states: Any = PagedStates(EVENTS, 100)
    progress = RunProgress()
    with view_of(console, progress) as view:
        for changed in follow(states, ARN, progress, sleep=lambda _: None):
            view.show(changed)
    final = Result(ARN, "PARTIAL_SUCCESS", {}, "TRACT: Glue.Failed: bad decimal")
    for line in closing(progress, final):
        console.print(line)
    assert console.export_text().splitlines() == [
        "STG FARM succeeded 2.0 s",
        "STG TRACT failed 2.0 s: Glue.Failed: bad decimal",
        "EDV TR_H skipped 1.0 s: Glue.Failed: skipped: STG.TRACT failed: bad decimal",
        "PARTIAL_SUCCESS: 1 of 3 tables loaded in 8.0 s",
        "failed: STG.TRACT",
        "skipped: EDV.TR_H",
        "root error: TRACT: Glue.Failed: bad decimal",
    ]


def test_view_on_a_terminal_counts_per_layer() -> None:
    console = Console(width=120, record=True, force_terminal=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    progress = RunProgress()
    with view_of(console, progress) as view:
        view.show(list(progress.observe(EVENTS)))
    rows = [line.split() for line in console.export_text().splitlines() if "STG" in line or "EDV" in line]
    assert any(row[1:6:2] == ["STG", "2", "1"] for row in rows if row[0] == "│"), rows


def test_run_as_json_lists_tables_by_fate() -> None:
    progress = RunProgress()
    list(progress.observe(EVENTS))
    found = as_json(progress, Result(ARN, "SUCCESS", {"status": "SUCCESS"}, None))
    assert found["tables"] == {"succeeded": ["STG.FARM"], "failed": ["STG.TRACT"], "skipped": ["EDV.TR_H"]}
    assert found["output"] == {"status": "SUCCESS"}


def test_execution_name_is_readable_and_unique() -> None:
    request = RunRequest(date(2026, 6, 1), "initial", "CARS", "cert")
    names = {execution_name(request, START) for _ in range(20)}
    assert len(names) > 1
    assert all(name.startswith("2026-06-01-initial-20260602T031500Z-") and len(name) <= 80 for name in names)


@pytest.mark.parametrize("text", ["2026-13-01", "20260601", "tomorrow", "2026-6-1", "2026-W01-1"])
def test_bad_date_is_refused(text: str) -> None:
    with pytest.raises(RunError, match=f"--date must be a calendar day written YYYY-MM-DD, got '{text}'"):
        parse_date(text)


def test_machine_that_is_not_deployed_is_named(aws: Any) -> None:
    request = RunRequest(parse_date("2026-06-01"), "incremental", "CARS", "cert")
    machine = "arn:aws:states:us-east-1:111122223333:stateMachine:nope"
    with pytest.raises(RunError, match="stateMachine:nope does not exist; deploy this environment first"):
        start(aws.client("stepfunctions"), machine, request, START)


def test_a_landing_is_followed_by_table_and_the_ledger_s_answer_wins() -> None:
    """A job run that fails has landed the tables before the one that failed."""
    check = {"failedTables": ["TRACT"], "successCount": 2}
    checked = json.dumps({"landing": {"check": check}})
    progress = RunProgress()
    events = [
        {
            "type": "TaskStateExited",
            "stateExitedEventDetails": {
                "name": "Get Incremental Table list From S3",
                "output": json.dumps({"counts": {"stg": 3, "dv": 0, "dvGroups": 0, "batches": 2}}),
            },
        },
        _entered("Move to Final Zone", table_name="FARM,TRACT"),
        _entered("Move to Final Zone", table_name="FIELD"),
        _entered("LandingTableFailed", table_name="FARM,TRACT", error={"Error": "E", "Cause": "no key"}),
        _entered("LandingTableSuccess", table_name="FIELD"),
        {
            "type": "TaskStateExited",
            "stateExitedEventDetails": {"name": "CheckLandingResults", "output": checked},
        },
    ]
    list(progress.observe(_numbered(events)))
    assert progress.planned == {"LANDING": 3}
    assert {run.table: run.status for run in progress.tables.values()} == {
        "FARM": Status.SUCCEEDED,
        "TRACT": Status.FAILED,
        "FIELD": Status.SUCCEEDED,
    }
    assert progress.tables["LANDING", "TRACT"].error == "E: no key"


def test_tables_of_a_landing_are_in_the_execution_s_input() -> None:
    request = RunRequest(date(2026, 6, 1), "incremental", "CARS", "cert", ("FARM", "FIELD"))
    assert request.as_input()["tables"] == ["FARM", "FIELD"]
