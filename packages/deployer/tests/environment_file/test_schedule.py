"""`schedule`: expressions as EventBridge Scheduler reads them, and every key of the long form."""

from datetime import UTC, datetime
from typing import Any

import pytest
from support.environments import environment

from deployer.environment_file.expressions import schedule_expression
from deployer.environment_file.schedule import Schedule
from deployer.errors import ConfigError


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 9 * * ? *)",
        "cron(0/15 6-18 ? * MON-FRI 2026-2030)",
        "cron(30 5 LW JAN,jul ? *)",
        "cron(0 0 15W 1/3 ? *)",
        "cron(0 8 ? * 2#1 *)",
        "cron(0 8 ? * 6L *)",
        "cron(0 8 ? * FRI-MON *)",
        "rate(1 day)",
        "rate(12 hours)",
        "at(2026-06-01T09:00:00)",
    ],
)
def test_what_the_scheduler_takes_is_taken_as_it_is(expression: str) -> None:
    assert schedule_expression(expression) == expression


def test_blanks_around_the_fields_are_made_single() -> None:
    assert schedule_expression(" cron( 0  9 * * ? * ) ") == "cron(0 9 * * ? *)"


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("daily", "cron(...), rate(...) or at(...), at most 256 characters"),
        ("cron(0 9 * * *)", "cron has six fields"),
        ("cron(0 9 * * ? *" + " " * 250 + ")", "at most 256 characters"),
        ("cron(60 9 * * ? *)", "minutes '60' is not within 0 to 59"),
        ("cron(0 24 * * ? *)", "hours '24' is not within 0 to 23"),
        ("cron(? 9 * * ? *)", "minutes '?' is not"),
        ("cron(0 9 32 * ? *)", "day-of-month '32' is not"),
        ("cron(0 9 1,? * * *)", "day-of-month '1,?' is not"),
        ("cron(0 9 ? * 2#6 *)", "day-of-week '2#6' is not"),
        ("cron(0 9 ? * 0 *)", "day-of-week '0' is not within 1 to 7"),
        ("cron(0 9 * FOO ? *)", "month 'FOO' is not"),
        ("cron(0 9 * * ? 1969)", "year '1969' is not within 1970 to 2199"),
        ("cron(0/0 9 * * ? *)", "minutes '0/0' is not"),
        ("cron(0 9 * * * *)", "exactly one of day-of-month and day-of-week is ?"),
        ("cron(0 9 ? * ? *)", "exactly one of day-of-month and day-of-week is ?"),
        ("rate(0 days)", "rate(value unit) with a whole number"),
        ("rate(1 week)", "rate(value unit) with a whole number"),
        ("at(2026-02-30T09:00:00)", "a time that exists"),
        ("at(2026-06-01)", "a time that exists"),
    ],
)
def test_what_the_scheduler_refuses_is_refused_with_the_reason(expression: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"cron|rate|at") as raised:
        schedule_expression(expression)
    assert problem in str(raised.value)


def _schedule(value: Any) -> Schedule:
    found = environment(schedule=value).config.schedule
    assert found is not None
    return found


def test_a_bare_expression_is_the_whole_schedule() -> None:
    found = _schedule("cron(0 9 * * ? *)")
    assert found == _schedule({"expression": "cron(0 9 * * ? *)"})
    assert (found.timezone, found.enabled, found.run_type) == ("UTC", True, "incremental")


def test_every_key_may_be_a_string() -> None:
    found = _schedule(
        {
            "expression": "rate(1 day)",
            "timezone": "America/Chicago",
            "enabled": "false",
            "runType": "INITIAL",
            "startDate": "2026-06-01",
            "endDate": "2026-07-01T02:00:00+02:00",
            "flexibleMinutes": "15",
            "maximumRetryAttempts": "0",
            "maximumEventAgeSeconds": "60",
        }
    )
    assert found == Schedule.model_construct(
        expression="rate(1 day)",
        timezone="America/Chicago",
        enabled=False,
        run_type="initial",
        start_date=datetime(2026, 6, 1, tzinfo=UTC),
        end_date=datetime(2026, 7, 1, tzinfo=UTC),
        flexible_minutes=15,
        maximum_retry_attempts=0,
        maximum_event_age_seconds=60,
    )


def test_no_schedule_without_the_key_and_with_an_empty_one() -> None:
    assert environment(schedule=None).config.schedule is None
    assert environment(schedule=" ").config.schedule is None


def test_all_problems_of_a_schedule_are_listed_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        environment(
            schedule={
                "expression": "cron(0 9 * *)",
                "timezone": "Mars/Olympus",
                "runType": "full",
                "startDate": "soon",
                "flexibleMinutes": "1441",
                "maximumRetryAttempts": "186",
                "maximumEventAgeSeconds": "59",
                "when": "x",
            }
        )
    message = str(raised.value)
    assert message.startswith("cert.json: 8 problems: ")
    assert "schedule.expression is 'cron(0 9 * *)' (cron has six fields" in message
    assert "schedule.timezone is 'Mars/Olympus' (an IANA time zone, for example America/New_York)" in message
    assert "schedule.runType is 'full' (initial or incremental)" in message
    assert "schedule.startDate is 'soon' (a date or an instant" in message
    assert "schedule.flexibleMinutes is '1441' (minutes, 0 to 1440" in message
    assert "schedule.maximumRetryAttempts is '186' (a whole number, 0 to 185)" in message
    assert "schedule.maximumEventAgeSeconds is '59' (seconds, 60 to 86400)" in message
    assert "schedule.when is not a known key (known here: expression" in message


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("daily", "schedule.expression is 'daily' (cron(...), rate(...) or at(...)"),
        (7, "schedule is 7 (an object)"),
        ({"timezone": "UTC"}, "schedule.expression is missing (required)"),
        (
            {"expression": "rate(1 day)", "startDate": "2026-06-02", "endDate": "2026-06-01"},
            "(an endDate after its startDate)",
        ),
    ],
)
def test_one_problem_is_named_with_its_place(value: Any, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        environment(schedule=value)
    assert problem in str(raised.value)
