from datetime import date
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cars_acceptance.main_job import schemas
from cars_acceptance.main_job.errors import MainJobError

DAY = date(2026, 6, 1)
JOB = "FSA-LOCAL-DATAMART-EXEC-DB-SQL"


def glue() -> tuple[Any, Stubber]:
    client = boto3.client("glue", "us-east-1", aws_access_key_id="local", aws_secret_access_key="local")
    return client, Stubber(client)


def started(stub: Stubber, schema: str, run: str) -> None:
    arguments = {
        "--layer": "DDL",
        "--table_name": schema,
        "--data_src_nm": "CARS",
        "--run_type": "initial",
        "--start_date": "2026-06-01",
        "--env": "local",
    }
    stub.add_response("start_job_run", {"JobRunId": run}, {"JobName": JOB, "Arguments": arguments})


def state(stub: Stubber, run: str, name: str, message: str = "") -> None:
    answer = {"JobRun": {"Id": run, "JobRunState": name, **({"ErrorMessage": message} if message else {})}}
    stub.add_response("get_job_run", answer, {"JobName": JOB, "RunId": run})


def test_schemas_are_made_one_after_the_other_the_ledger_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "POLL_SECONDS", 0)
    client, stub = glue()
    for schema in ("DART_PROCESS_CONTROL", "CARS_STG", "EDV"):
        started(stub, schema, f"jr_{schema}")
        state(stub, f"jr_{schema}", "STARTING")
        state(stub, f"jr_{schema}", "RUNNING")
        state(stub, f"jr_{schema}", "SUCCEEDED")
    with stub:
        schemas.create(client, JOB, DAY, schemas=["EDV", "cars_stg"])
        stub.assert_no_pending_responses()


def test_schemas_of_a_tree_follow_those_that_they_need() -> None:
    assert schemas.in_order(["Z_DM", "EDV", "CAR_DM"]) == ["DART_PROCESS_CONTROL", "EDV", "CAR_DM", "Z_DM"]
    assert schemas.in_order([]) == ["DART_PROCESS_CONTROL"]


def test_a_failed_run_is_named_with_the_message_of_glue() -> None:
    client, stub = glue()
    started(stub, "DART_PROCESS_CONTROL", "jr_0")
    state(stub, "jr_0", "SUCCEEDED")
    started(stub, "EDV", "jr_1")
    state(stub, "jr_1", "FAILED", "DDL/EDV/870_CORE_CUST_H.sql: syntax error")
    with stub, pytest.raises(MainJobError, match="Glue run jr_1 of DDL EDV ended FAILED") as caught:
        schemas.create(client, JOB, DAY, schemas=["EDV"])
    assert caught.value.details == "DDL/EDV/870_CORE_CUST_H.sql: syntax error"
    assert "DDL/EDV of the tree" in caught.value.hint


def test_a_run_that_does_not_end_times_out() -> None:
    client, stub = glue()
    started(stub, "EDV", "jr_1")
    state(stub, "jr_1", "RUNNING")
    state(stub, "jr_1", "RUNNING")
    times = iter((0.0, 1.0, 1000.0))
    with stub, pytest.raises(MainJobError, match="Glue run jr_1 of DDL EDV is still RUNNING after 120 s"):
        schemas.run_job(
            client,
            JOB,
            schemas.arguments("DDL", "EDV", DAY.isoformat()),
            pause=lambda _: None,
            clock=lambda: next(times),
        )
