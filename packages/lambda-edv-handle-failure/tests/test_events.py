from datetime import date
from typing import Any

import pytest

from edv_handle_failure.errors import BadEvent
from edv_handle_failure.events import Failure, parse

GOOD: dict[str, Any] = {
    "error": {"Error": "States.TaskFailed", "Cause": '{"errorMessage": "no plan"}'},
    "data_src_nm": "CARS",
    "run_type": "incremental",
    "start_date": "2026-05-03",
}


def test_event_becomes_a_failure() -> None:
    failure = parse({**GOOD, "env": "cert", "execution": "nightly-1"})
    assert failure == Failure(
        "CARS", "incremental", "2026-05-03", "States.TaskFailed", "no plan", "nightly-1"
    )
    assert (failure.run, failure.day) == ("CARS incremental 2026-05-03", date(2026, 5, 3))


@pytest.mark.parametrize(
    "instant", ["2026-05-03T09:00:00Z", "2026-05-03T23:30:00-00:00", "2026-05-04T01:00+02:00"]
)
def test_a_scheduled_run_is_reported_with_its_date(instant: str) -> None:
    failure = parse(GOOD | {"start_date": instant})
    assert failure == parse(GOOD)
    assert failure.problems == ()


@pytest.mark.parametrize(
    "instant", ["2026-05-03T25:00:00Z", "2026-05-03T09:00:00", "0001-01-01T00:00:00+01:00"]
)
def test_an_instant_that_is_none_is_a_problem(instant: str) -> None:
    failure = parse(GOOD | {"start_date": instant})
    assert failure.problems == (f"event['start_date'] must be YYYY-MM-DD, got '{instant}'",)
    assert failure.start_date == instant


@pytest.mark.parametrize("error", [{"Error": "States.Timeout"}, {"Error": "States.Timeout", "Cause": None}])
def test_timeout_has_no_cause(error: dict[str, Any]) -> None:
    assert parse(GOOD | {"error": error}).reason == "no cause was given"


def test_error_without_a_name_is_unknown() -> None:
    assert parse(GOOD | {"error": {}}).error == "Unknown"


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({}, "event['error'] is missing; give an object with Error and Cause"),
        ({"error": "boom"}, "event['error'] must be an object with Error and Cause, got 'boom'"),
        ({"error": None}, "event['error'] must be an object with Error and Cause, got None"),
        ({"error": {"Error": 5}}, "event['error']['Error'] must be a string, got 5"),
        ({"error": {"Cause": ["x"]}}, "event['error']['Cause'] must be a string, got ['x']"),
        ([], "event must be an object, got []"),
    ],
)
def test_event_that_reports_no_error_is_refused(event: Any, message: str) -> None:
    with pytest.raises(BadEvent) as caught:
        parse(event)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"start_date": "2025-13-01"}, "event['start_date'] must be YYYY-MM-DD, got '2025-13-01'"),
        ({"start_date": "20250101"}, "event['start_date'] must be YYYY-MM-DD, got '20250101'"),
        ({"start_date": None}, "event['start_date'] must be YYYY-MM-DD, got None"),
        ({"run_type": "full"}, "event['run_type'] must be initial or incremental, got 'full'"),
        ({"run_type": ["initial"]}, "event['run_type'] must be initial or incremental, got ['initial']"),
        ({"data_src_nm": ""}, "event['data_src_nm'] must be the data source's name, got ''"),
    ],
)
def test_broken_run_key_is_a_problem_and_no_reason_not_to_report(
    change: dict[str, Any], problem: str
) -> None:
    failure = parse(GOOD | change)
    assert failure.problems == (problem,)
    assert failure.reason == "no plan"


def test_every_missing_run_key_is_named() -> None:
    failure = parse({"error": {}})
    assert [problem.partition(" ")[0] for problem in failure.problems] == [
        "event['data_src_nm']",
        "event['run_type']",
        "event['start_date']",
    ]
    assert failure.run == "unknown unknown unknown"


def test_what_is_shown_of_a_broken_key_is_short_and_printable() -> None:
    failure = parse(GOOD | {"data_src_nm": "\0\n\ud800" + "x" * 500})
    assert failure.data_src_nm == "x" * 80
    assert parse(GOOD | {"start_date": "\0"}).start_date == "unknown"
