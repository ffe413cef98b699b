"""The event: defaults, and what every wrong key is answered with."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from edv_build_processing_plan.errors import BadEvent
from edv_build_processing_plan.events import parse

TODAY = date(2026, 3, 1)
GOOD = {"data_src_nm": "cars", "env": "DEV", "run_type": "initial", "start_date": "2025-06-30"}


def test_a_complete_event_is_taken_as_it_is() -> None:
    request = parse(GOOD, today=TODAY)
    assert (request.data_src_nm, request.run_type, request.start_date, request.env, request.allow_empty) == (
        "CARS",
        "initial",
        date(2025, 6, 30),
        "dev",
        False,
    )


@pytest.mark.parametrize("absent", [{}, {"run_type": None, "start_date": None}])
def test_run_type_is_incremental_and_the_date_today_when_absent(absent: dict[str, Any]) -> None:
    request = parse({"data_src_nm": "CARS", "env": "dev", **absent}, today=TODAY)
    assert (request.run_type, request.start_date) == ("incremental", TODAY)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-06-01T09:00:00Z", date(2026, 6, 1)),
        ("2026-06-01T23:59:59.999999Z", date(2026, 6, 1)),
        ("2026-06-01T22:30-05:00", date(2026, 6, 2)),
        ("2026-06-01T00:30:00+01:00", date(2026, 5, 31)),
    ],
)
def test_an_instant_stands_for_its_date_in_utc(instant: str, day: date) -> None:
    assert parse({**GOOD, "start_date": instant}, today=TODAY).start_date == day


def test_keys_of_others_are_left_alone() -> None:
    assert parse({**GOOD, "comment": {"by": "someone"}}, today=TODAY).data_src_nm == "CARS"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start_date": "2025-13-01"}, "event['start_date'] must be YYYY-MM-DD, got '2025-13-01'"),
        ({"start_date": "2025-02-29"}, "event['start_date'] must be YYYY-MM-DD, got '2025-02-29'"),
        ({"start_date": "20250630"}, "event['start_date'] must be YYYY-MM-DD, got '20250630'"),
        ({"start_date": "2025-06-30\n"}, "event['start_date'] must be YYYY-MM-DD, got '2025-06-30\\n'"),
        ({"start_date": ""}, "event['start_date'] must be YYYY-MM-DD, got ''"),
        ({"start_date": 20250630}, "event['start_date'] must be YYYY-MM-DD, got 20250630"),
        *(
            ({"start_date": bad}, f"event['start_date'] must be YYYY-MM-DD, got {bad!r}")
            for bad in (
                "2026-06-01T09:00:00",  # no offset: which day it is depends on the reader
                "2026-06-01T25:00:00Z",
                "2026-06-01T09Z",
                "2026-06-01 09:00:00Z",
                "0001-01-01T00:00:00+01:00",
                "<aws.scheduler.scheduled-time>",
            )
        ),
        (
            {"run_type": "full"},
            "event['run_type'] must be 'initial' or 'incremental', in any case, got 'full'",
        ),
        ({"allow_empty": "yes"}, "event['allow_empty'] must be true or false, got 'yes'"),
        (
            {"data_src_nm": "x'; drop"},
            "event['data_src_nm'] must be the name of a data source, such as 'CARS', got \"x'; drop\"",
        ),
        ({"data_src_nm": 5}, "event['data_src_nm'] must be the name of a data source, such as 'CARS', got 5"),
        (
            {"data_src_nm": None},
            "event['data_src_nm'] is missing; give the name of a data source, such as 'CARS'",
        ),
        ({"execution": 5}, "event['execution'] must be the execution's name, got 5"),
        (
            {"run_type": "x" * 5000},
            "event['run_type'] must be 'initial' or 'incremental', in any case, got '" + "x" * 79 + "...",
        ),
        ({"env": ""}, "event['env'] must be the environment's token in lower case, such as 'dev', got ''"),
    ],
)
def test_a_wrong_key_is_named_with_what_came(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadEvent) as caught:
        parse({**GOOD, **change}, today=TODAY)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["Incremental", "INCREMENTAL", "incremental"])
def test_run_type_is_read_in_any_case(text: str) -> None:
    assert parse({**GOOD, "run_type": text}, today=TODAY).run_type == "incremental"


@pytest.mark.parametrize("event", [{}, {"env": None}, {"env": "dev"}, {"env": "DEV"}])
def test_the_environment_is_the_function_s_own(event: dict[str, Any]) -> None:
    assert parse({"data_src_nm": "CARS", **event}, today=TODAY, own_env="Dev").env == "dev"


def test_a_run_of_another_environment_is_refused() -> None:
    with pytest.raises(BadEvent, match=r"^event\['env'\] is 'prod', but this function belongs to 'dev'"):
        parse({**GOOD, "env": "prod"}, today=TODAY, own_env="dev")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(BadEvent, match=r"event\['env'\] is missing; give the environment's token"):
        parse({"data_src_nm": "CARS"}, today=TODAY)


def test_an_event_that_is_no_object_is_refused() -> None:
    with pytest.raises(BadEvent, match="the event must be an object, got list"):
        parse([], today=TODAY)  # type: ignore[arg-type]
