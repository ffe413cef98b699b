"""The job's arguments: what is accepted, and every problem in one message."""

from __future__ import annotations

from datetime import date

import pytest

from datamart_exec.arguments import parse
from datamart_exec.errors import DatamartError

GOOD = {
    "JOB_NAME": "FSA-x-DATAMART-EXEC-DB-SQL",
    "layer": "STG",
    "table_name": "acrsi_farm",
    "data_src_nm": "cars",
    "run_type": "incremental",
    "start_date": "2025-03-01",
    "env": "dev",
    "secret_name": "fsa-dev/cars/postgres",
    "config_bucket": "bucket",
    "config_prefix": "/cars/_configs/",
    "final_bucket": "final",
}


def words(**changed: str | None) -> list[str]:
    given = {name: value for name, value in {**GOOD, **changed}.items() if value is not None}
    return [word for name, value in given.items() for word in (f"--{name}", value)]


def test_names_are_upper_case_and_prefixes_without_slashes() -> None:
    found = parse(words())
    assert (found.table_name, found.run.data_src_nm, found.config_prefix) == (
        "ACRSI_FARM",
        "CARS",
        "cars/_configs",
    )
    assert (found.run.start_date, found.release, found.sslmode) == (date(2025, 3, 1), None, "verify-full")


def test_execution_falls_back_to_the_job_run_and_that_to_a_name_of_its_own() -> None:
    assert parse(words(JOB_RUN_ID="jr_1")).execution == "jr_1"
    assert parse(words(JOB_RUN_ID="jr_1", execution="e")).execution == "e"
    assert parse(words()).execution.startswith("local-")


def test_an_optional_argument_that_is_empty_is_absent() -> None:
    found = parse(words(JOB_RUN_ID="", execution="", release="", sslmode="", threads="", app=""))
    assert found.job_run_id.startswith("local-")
    assert (found.execution, found.release, found.sslmode, found.app) == (
        found.job_run_id,
        None,
        "verify-full",
        "cars",
    )


def test_unknown_arguments_and_switches_of_glue_are_ignored_and_later_ones_win() -> None:
    found = parse(
        [
            "script.py",
            "--enable-metrics",
            "--TempDir=s3://x/y",
            *words(),
            "--env",
            "cert",
            "--job-language=python",
        ]
    )
    assert found.env == "cert"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"start_date": "2025-13-01"}, "--start_date must be YYYY-MM-DD, got '2025-13-01'"),
        ({"start_date": "2025-3-1"}, "--start_date must be YYYY-MM-DD, got '2025-3-1'"),
        ({"layer": "LANDING"}, "--landing_bucket is missing: layer LANDING works there"),
        ({"table_name": "farm,field"}, "--table_name must be one name; only layer LANDING takes a list"),
        ({"reject_percent": "101"}, "--reject_percent must be a percentage from 0 to 100, got '101'"),
        ({"on_unreadable": "skip"}, "--on_unreadable must be one of fail, continue, got 'skip'"),
        ({"layer": "FINAL"}, "--layer FINAL is not in this release of the job"),
        ({"layer": "stg"}, "--layer must be one of LANDING, STG, EDV, DM, CAR_DM, DDL, got 'stg'"),
        ({"run_type": "full"}, "--run_type must be one of initial, incremental, got 'full'"),
        ({"env": "dev'; drop"}, "--env must be lower-case letters, digits, - and _, got \"dev'; drop\""),
        ({"table_name": "a.b"}, "--table_name must be names of letters, digits and _, got 'a.b'"),
        ({"release": "latest"}, "--release must be 32 hexadecimal digits, got 'latest'"),
        ({"engine": "spark"}, "--engine spark is not in this release of the job, which has duckdb"),
        ({"lock_timeout_ms": "soon"}, "--lock_timeout_ms must be a whole number above zero, got 'soon'"),
        ({"final_bucket": None}, "--final_bucket is missing: layer STG reads its source tables there"),
        ({"secret_name": None}, "--secret_name is missing"),
    ],
)  # fmt: skip
def test_a_bad_argument_is_named_with_its_value(changed: dict[str, str | None], expected: str) -> None:
    with pytest.raises(DatamartError) as caught:
        parse(words(**changed))
    assert str(caught.value).startswith("job arguments: 1 problem: ")
    assert expected in str(caught.value)


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(
        DatamartError, match=r"^job arguments: 3 problems: --table_name is missing; --start_date .*; --env"
    ):
        parse(words(table_name=None, start_date="x", env="UP"))
