"""Executions of the EDV pipeline: what runs, what is skipped, and how every run ends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from scripted import (
    CHECK,
    FINALIZE,
    GLUE,
    HANDLE,
    NAMES,
    PLAN,
    Execution,
    check,
    missing_relation,
    run,
    world,
)

from local_aws.engines import in_process
from local_aws.engines.python_targets import FunctionFailed, ServiceRefused, Target
from statemachine import EdvSettings, edv_pipeline
from statemachine.tables import SMALL_PLAN

DEFINITION = edv_pipeline(NAMES)


def test_a_good_run_loads_staging_then_the_groups_in_order_and_succeeds() -> None:
    scene = world()
    done = run(DEFINITION, scene, {"data_src_nm": "cars", "start_date": "2025-07-01", "env": "dev"})
    assert done.status == "SUCCEEDED"
    assert done.output == {
        "status": "SUCCESS",
        "summary": {
            "stage": {"failedTables": []},
            "edv": {"failedTables": []},
            "totals": {"tables": 5, "failed": 0},
        },
        "rootError": None,
        "skippedTables": {"stage": [], "edv": []},
        "release": "0123456789abcdef0123456789abcdef",
    }
    tables = [arguments["--table_name"] for arguments in scene.called(GLUE)]
    assert (sorted(tables[:2]), sorted(tables[2:4]), tables[4:]) == (["S1", "S2"], ["A_H", "B_H"], ["A_HS"])
    assert scene.called(GLUE)[-1] == {
        "--table_name": "A_HS",
        "--layer": "EDV",
        "--data_src_nm": "CARS",
        "--run_type": "incremental",
        "--start_date": "2025-07-01",
        "--env": "dev",
        "--release": "0123456789abcdef0123456789abcdef",
        "--execution": "run-1",
    }
    assert scene.called(HANDLE) == []


def test_check_and_finalize_get_what_the_contract_says() -> None:
    scene = world(failing=missing_relation("B_H"))
    run(DEFINITION, scene)
    stage, item, vault = scene.called(CHECK)
    assert stage == {
        "layer": "STG",
        "results": [{"table_name": name, "status": "SUCCESS", "layer": "STG"} for name in ("S1", "S2")],
        "execution": "run-1",
    }
    assert (item["layer"], item["mode"], item["execution"], len(item["results"])) == (
        "EDV",
        "item",
        "run-1",
        1,
    )
    assert item["results"][0].items() >= {"table_name": "B_H", "status": "FAILED", "groupIndex": 0}.items()
    assert json.loads(item["results"][0]["error"]["Cause"])["ErrorMessage"] == "relation does not exist"
    first, second = vault["results"]
    assert first["groupResults"] == [
        {"table_name": "A_H", "status": "SUCCESS", "layer": "EDV", "groupIndex": 0},
        {
            "table_name": "B_H",
            "status": "FAILED",
            "layer": "EDV",
            "groupIndex": 0,
            "error": {"Error": "States.TaskFailed", "Cause": "relation does not exist"},
        },
    ]
    assert second["groupResults"][0]["groupIndex"] == 1
    (finalized,) = scene.called(FINALIZE)
    contract = {"counts", "data_src_nm", "edvCheck", "run_type", "stageCheck", "start_date"}
    assert finalized.keys() == contract | {"execution", "release"}
    assert (
        finalized["edvCheck"].items()
        >= {"successCount": 2, "failedCount": 1, "failedTables": ["B_H"]}.items()
    )


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, {"data_src_nm": "CARS", "run_type": "incremental", "env": "test"}),
        (
            {"run_type": "initial", "allow_empty": True},
            {"data_src_nm": "CARS", "run_type": "initial", "env": "test", "allow_empty": True},
        ),
        (
            {"env": "dev", "data_src_nm": "x", "start_date": "2025-01-01", "execution": "of my own"},
            {"data_src_nm": "x", "run_type": "incremental", "env": "dev", "start_date": "2025-01-01"},
        ),
    ],
)
def test_the_execution_input_is_laid_over_the_defaults(given: dict[str, Any], asked: dict[str, Any]) -> None:
    scene = world()
    assert run(DEFINITION, scene, given).status == "SUCCEEDED"
    assert scene.called(PLAN) == [asked | {"execution": "run-1"}]


def test_an_allowed_empty_plan_ends_well_without_loading_anything() -> None:
    scene = world(stage=[], vault=[])
    done = run(DEFINITION, scene, {"allow_empty": True})
    assert done.status == "SUCCEEDED"
    assert done.output["status"] == "SUCCESS"
    assert done.output["counts"] == {"stg": 0, "dv": 0, "dvGroups": 0}
    assert done.entered()[-2:] == ["DescribeEmptyPlan", "NoTablesToProcess"]
    assert [name for name, *_ in scene.calls] == [PLAN]


def test_a_plan_without_staging_tables_still_loads_the_vault() -> None:
    scene = world(stage=[], vault=[["A_H"]])
    assert run(DEFINITION, scene).status == "SUCCEEDED"
    assert [arguments["--table_name"] for arguments in scene.called(GLUE)] == ["A_H"]


def _refuses(error: str, message: str) -> Target:
    def answer(_event: dict[str, Any]) -> Any:
        raise FunctionFailed(error, message)

    return answer


def test_a_run_that_names_nothing_fails_as_the_run_of_the_defaults() -> None:
    scene = world(functions={PLAN: _refuses("EmptyPlan", "release abc lists no table")})
    assert run(DEFINITION, scene, {"allow_empty": False}).error == "EDV.EmptyPlan"
    (handled,) = scene.called(HANDLE)
    assert (handled["data_src_nm"], handled["run_type"]) == ("CARS", "incremental")
    assert len(handled["start_date"]) == len("2025-06-30")


def test_a_refused_plan_is_handled_before_any_plan_exists() -> None:
    scene = world(functions={PLAN: _refuses("EmptyPlan", "release abc lists no table")})
    done = run(DEFINITION, scene, {"data_src_nm": "cars", "run_type": "initial"})
    assert (done.status, done.error) == ("FAILED", "EDV.EmptyPlan")
    assert json.loads(done.cause or "")["errorMessage"] == "release abc lists no table"
    (handled,) = scene.called(HANDLE)
    assert handled["error"] == {"Error": "EmptyPlan", "Cause": done.cause}
    assert (handled["data_src_nm"], handled["run_type"]) == ("cars", "initial")
    assert len(handled["start_date"]) == len("2025-06-30")
    assert done.entered()[-2:] == ["HandlePipelineFailure", "PipelineFailed"]


@pytest.mark.parametrize("given", [[], "text", 5, None])
def test_an_input_that_is_no_object_does_not_end_well(given: Any) -> None:
    scene = world()
    done = run(DEFINITION, scene, given)
    assert done.status == ("SUCCEEDED" if given is None else "FAILED")
    assert (scene.called(GLUE) == []) == (given is not None)


def test_one_failed_staging_table_leaves_a_partial_success_with_its_error() -> None:
    scene = world(failing=missing_relation("S2"))
    done = run(DEFINITION, scene)
    assert (done.status, done.output["status"]) == ("SUCCEEDED", "PARTIAL_SUCCESS")
    assert done.output["rootError"] == {
        "table_name": "S2",
        "Error": "States.TaskFailed",
        "Cause": "relation does not exist",
    }
    assert done.output["summary"]["stage"]["failedTables"] == ["S2"]
    assert "ExecuteEDVSQL" in done.entered()


def test_some_failed_tables_in_both_layers_report_the_first_of_staging() -> None:
    scene = world(stage=["S1", "S2", "S3"], failing=missing_relation("S2", "S3", "A_HS"))
    done = run(DEFINITION, scene)
    assert done.output["status"] == "PARTIAL_SUCCESS"
    assert done.output["rootError"]["table_name"] == "S2"
    assert done.output["summary"]["edv"]["failedTables"] == ["A_HS"]


def test_when_all_staging_tables_fail_the_vault_is_left_alone_and_the_run_fails() -> None:
    scene = world(failing=missing_relation("S1", "S2"))
    done = run(DEFINITION, scene)
    assert (done.status, done.error) == ("FAILED", "EDV.States.TaskFailed")
    assert done.cause == "S1: relation does not exist"
    assert "ProcessEDVGroups" not in done.entered()
    (finalized,) = scene.called(FINALIZE)
    assert finalized["edvCheck"]["canContinue"] is False
    (handled,) = scene.called(HANDLE)
    assert handled == {
        "error": {"Error": "States.TaskFailed", "Cause": done.cause},
        "data_src_nm": "CARS",
        "run_type": "incremental",
        "start_date": "2025-06-30",
        "execution": "run-1",
    }


def test_a_failed_vault_table_and_its_skipped_descendants_are_told_apart() -> None:
    scene = world(failing=missing_relation("A_H") | {"A_HS": "skipped: needs EDV.A_H, which failed"})
    done = run(DEFINITION, scene)
    assert done.output["status"] == "PARTIAL_SUCCESS"
    assert done.output["rootError"]["table_name"] == "A_H"
    assert done.output["skippedTables"] == {"stage": [], "edv": ["A_HS"]}


def test_a_run_that_failed_without_any_known_error_says_so() -> None:
    scene = world(functions={FINALIZE: lambda event: {"status": "FAILED", "summary": {}}})
    done = run(DEFINITION, scene)
    assert (done.status, done.error) == ("FAILED", "EDV.EDVPipeline.Failed")
    assert done.cause == "EDV pipeline: no table left an error to show; see data_ppln_run_log"


def test_a_status_nobody_knows_is_a_failure() -> None:
    done = run(DEFINITION, world(functions={FINALIZE: lambda event: {"status": "GREAT", "summary": {}}}))
    assert done.status == "FAILED"


def _refused_first(codes: Sequence[str], then: Target) -> Target:
    """An answer that the service refuses once with each code, in this order, before it gets through."""
    left = list(codes)

    def answer(event: dict[str, Any]) -> Any:
        if left:
            raise ServiceRefused(left.pop(0))
        return then(event)

    return answer


GLUE_CODES = (
    "ConcurrentRunsExceededException",
    "ThrottlingException",
    "AWSGlueException",
    "ConcurrentRunsExceededException",
    "InternalServiceException",
    "OperationTimeoutException",
    "ResourceNumberLimitExceededException",
)
LAMBDA_CODES = ("ServiceException", "AWSLambdaException", "SdkClientException", "TooManyRequestsException")


def test_a_busy_glue_is_asked_again_with_capped_delays() -> None:
    scene = world(stage=["S1"], vault=[])
    scene.job = _refused_first(GLUE_CODES, scene.job)
    done = run(DEFINITION, scene)
    assert (done.status, done.output["status"]) == ("SUCCEEDED", "SUCCESS")
    assert len(scene.called(GLUE)) == len(GLUE_CODES) + 1
    delays = scene.delays(GLUE)
    assert len(delays) == len(GLUE_CODES)
    assert all(0 <= delay <= 60 for delay in delays)


def test_exhausted_retries_fail_the_table_and_not_the_run() -> None:
    def job(arguments: dict[str, Any]) -> None:
        if arguments["--table_name"] == "S1":
            raise ServiceRefused("ConcurrentRunsExceededException")

    scene = world(vault=[])
    scene.job = job
    done = run(DEFINITION, scene)
    assert (done.status, done.output["status"]) == ("SUCCEEDED", "PARTIAL_SUCCESS")
    assert done.output["rootError"]["Error"] == "Glue.ConcurrentRunsExceededException"
    assert [arguments["--table_name"] for arguments in scene.called(GLUE)].count("S1") == 11
    assert max(scene.delays(GLUE, table_name="S1")) <= 60


def test_a_failed_job_run_is_not_repeated() -> None:
    scene = world(stage=["S1"], vault=[], failing=missing_relation("S1"))
    run(DEFINITION, scene)
    assert len(scene.called(GLUE)) == 1


def test_errors_of_the_lambda_service_are_retried() -> None:
    usual = world(failing=missing_relation("S1")).functions
    scene = world(functions={name: _refused_first(LAMBDA_CODES, usual[name]) for name in usual})
    assert run(DEFINITION, scene).output["status"] == "SUCCESS"
    assert len(scene.called(PLAN)) == len(scene.called(FINALIZE)) == len(LAMBDA_CODES) + 1


def test_a_lambda_service_that_stays_down_ends_in_failure() -> None:
    scene = world(functions={FINALIZE: _refused_first(["ServiceException"] * 99, check)})
    done = run(DEFINITION, scene)
    assert (done.status, done.error) == ("FAILED", "EDV.Lambda.ServiceException")
    assert len(scene.called(FINALIZE)) == 6
    assert len(scene.called(HANDLE)) == 1


def test_a_function_that_times_out_is_cut_off_and_handled() -> None:
    scene = world(functions={FINALIZE: lambda event: in_process.engine().sleep(30)})
    done = run(edv_pipeline(NAMES, EdvSettings(lambda_timeout_seconds=1)), scene)
    assert (done.status, done.error) == ("FAILED", "EDV.States.Timeout")
    (handled,) = scene.called(HANDLE)
    assert handled["error"]["Error"] == "States.Timeout"


@pytest.mark.parametrize("function", [PLAN, CHECK, FINALIZE])
def test_an_error_without_cause_still_reaches_the_end(function: str) -> None:
    scene = world(functions={function: _refuses("Odd", "lost")})
    done = run(DEFINITION, scene, causes=False)
    assert (done.status, done.error, done.cause) == ("FAILED", "EDV.Odd", "no cause was given")
    (handled,) = scene.called(HANDLE)
    assert handled["error"] == {"Error": "Odd", "Cause": "no cause was given"}


def test_a_table_error_without_cause_is_a_failed_table() -> None:
    done = run(DEFINITION, world(failing=missing_relation("S1")), causes=False)
    assert (done.status, done.output["status"]) == ("SUCCEEDED", "PARTIAL_SUCCESS")
    assert done.output["rootError"] == {"table_name": "S1", "Error": "States.TaskFailed", "Cause": ""}


@pytest.mark.parametrize("function", [PLAN, CHECK, FINALIZE])
def test_a_failure_while_handling_the_failure_keeps_the_first_error(function: str) -> None:
    scene = world(
        functions={function: _refuses("First", "the root"), HANDLE: _refuses("Second", "no database")}
    )
    done = run(DEFINITION, scene)
    assert (done.status, done.error) == ("FAILED", "EDV.First")
    assert "the root" in (done.cause or "")
    assert done.entered()[-1] == "PipelineFailed"


def test_a_failed_run_whose_handling_fails_keeps_the_table_s_error() -> None:
    scene = world(failing=missing_relation("S1", "S2"), functions={HANDLE: _refuses("Second", "no database")})
    done = run(DEFINITION, scene)
    assert (done.status, done.cause) == ("FAILED", "S1: relation does not exist")


def test_a_failed_table_that_cannot_be_logged_is_still_counted() -> None:
    def check_lists_only(event: dict[str, Any]) -> dict[str, Any]:
        if event.get("mode") == "item":
            raise FunctionFailed("LogDown", "no database")
        return check(event)

    done = run(DEFINITION, world(failing=missing_relation("S1", "A_HS"), functions={CHECK: check_lists_only}))
    assert (done.status, done.output["status"]) == ("SUCCEEDED", "PARTIAL_SUCCESS")
    assert done.output["summary"]["stage"]["failedTables"] == ["S1"]
    assert done.output["summary"]["edv"]["failedTables"] == ["A_HS"]
    assert done.output["rootError"]["Error"] == "States.TaskFailed"


def test_a_check_that_answers_only_what_the_contract_says_is_enough() -> None:
    def contract_only(event: dict[str, Any]) -> dict[str, Any]:
        if event.get("mode") == "item":
            return check(event)
        kept = ("successCount", "failedCount", "failedTables", "canContinue")
        return {key: value for key, value in check(event).items() if key in kept}

    done = run(DEFINITION, world(failing=missing_relation("S1"), functions={CHECK: contract_only}))
    assert (done.status, done.output["status"]) == ("SUCCEEDED", "PARTIAL_SUCCESS")
    assert done.output["rootError"]["Error"] == "EDVPipeline.Failed"


def test_concurrency_is_that_of_the_settings() -> None:
    running: dict[str, int] = {"STG": 0, "EDV": 0}
    most = dict(running)

    def job(arguments: dict[str, Any]) -> None:
        layer = arguments["--layer"]
        running[layer] += 1
        most[layer] = max(most[layer], running[layer])
        in_process.engine().sleep(1)  # of simulated time: all runs that may start at once do
        running[layer] -= 1

    names = [f"T{n}" for n in range(12)]
    scene = world(stage=names, vault=[names])
    scene.job = job
    settings = EdvSettings(stage_concurrency=3, vault_concurrency=2)
    assert run(edv_pipeline(NAMES, settings), scene).status == "SUCCEEDED"
    assert most == {"STG": 3, "EDV": 2}


STATE_DATA_LIMIT = 262_144
HISTORY_LIMIT = 25_000
MANY = [f"CROP_ACRG_RPT_TR_BUS_PTY_{n:04}_LS" for n in range(1000)]


def _within_limits(done: Execution) -> None:
    size, where = done.largest()
    print(f"largest state data: {size} bytes ({where}), {len(done.events)} events")
    assert size < STATE_DATA_LIMIT
    assert len(done.events) < HISTORY_LIMIT


def _long(names: Sequence[str]) -> dict[str, str]:
    return {name: f"{name} " + "x" * 2048 for name in names}


def test_a_small_plan_keeps_longer_texts_within_the_limits() -> None:
    names = MANY[:100]
    quoted = {name: f"{name} " + 'say "what" ' * 300 for name in names}
    done = run(DEFINITION, world(stage=["S1"], vault=[names], failing=quoted), limit=120)
    assert done.output["rootError"]["Cause"] == quoted[names[0]][:500]
    _within_limits(done)


def test_a_thousand_good_tables_fit_into_the_state_data() -> None:
    done = run(DEFINITION, world(stage=MANY[:500], vault=[MANY[500:750], MANY[750:]]), limit=400)
    assert done.output["status"] == "SUCCESS"
    _within_limits(done)


def test_a_thousand_failed_staging_tables_fit_into_the_state_data() -> None:
    done = run(DEFINITION, world(stage=MANY, vault=[], failing=_long(MANY)), limit=400)
    assert done.status == "FAILED"
    assert (done.cause or "").startswith(f"{MANY[0]}: {MANY[0]} xxx")
    _within_limits(done)


def test_a_thousand_failed_vault_tables_fit_into_the_state_data() -> None:
    groups = [MANY[:400], MANY[400:800], MANY[800:]]
    done = run(DEFINITION, world(stage=[], vault=groups, failing=_long(MANY)), limit=400)
    assert done.status == "FAILED"
    assert (done.cause or "").startswith(f"{MANY[0]}: {MANY[0]} xxx")
    _within_limits(done)


def test_in_a_large_plan_late_tables_keep_what_kind_of_failure_it_was() -> None:
    late = MANY[: SMALL_PLAN + 1]
    skipped = dict.fromkeys(late[1:], "skipped: needs EDV.A_H, which failed")
    failing = missing_relation("A_H", late[0]) | skipped
    scene = world(stage=[], vault=[["A_H"], late], failing=failing)
    done = run(DEFINITION, scene, limit=400)
    assert done.cause == "A_H: relation does not exist"
    first, second = (result["groupResults"] for result in scene.called(CHECK)[-1]["results"])
    assert first[0]["error"]["Cause"] == "relation does not exist"
    assert second[0]["error"]["Cause"] == "see data_ppln_oper_log or the job run"
    assert {item["error"]["Cause"] for item in second[1:]} == {"skipped: a table it needs failed"}
