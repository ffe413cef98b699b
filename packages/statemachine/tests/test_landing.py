"""The landing pipeline: its definition, the checks of it, and how its executions call functions and job."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scripted import CHECK, FINALIZE, GLUE, HANDLE, NAMES, PLAN, World, check, finalize, loads, run

from local_aws.engines.python_targets import Target
from statemachine import LandingSettings, PipelineNames, landing_pipeline, permissions
from statemachine.machine import state_names
from stepfunctions_local_test.checks import Resources, check_definition, load_accepted, load_contracts

NAME = "CARS-Landing-Pipeline"
HOME = Path(__file__).parents[1]
BESIDE = HOME / "scenarios" / NAME
DEFINITION = landing_pipeline(NAMES)
DEPLOYED = ("Get Incremental Table list From S3", "CARS Tables", "Map", "Move to Final Zone")


def planned(batches: tuple[str, ...]) -> Target:
    """A build-processing-plan that answers with these batches."""

    def answer(event: dict[str, Any]) -> dict[str, Any]:
        tables = sum(len(batch.split(",")) for batch in batches)
        return {
            "batches": list(batches),
            "counts": {"stg": tables, "dv": 0, "dvGroups": 0, "batches": len(batches)},
            **{key: event[key] for key in ("data_src_nm", "run_type", "env")},
            "start_date": event.get("start_date", "2026-06-01"),
            "warnings": [],
        }

    return answer


def counted(event: dict[str, Any]) -> dict[str, Any]:
    """finalize-pipeline, which gets no check of a vault."""
    return finalize({"edvCheck": {"failedCount": 0, "successCount": 0, "failedTables": []}, **event})


def world(batches: tuple[str, ...], failing: dict[str, str] | None = None) -> World:
    functions: dict[str, Target] = {
        PLAN: planned(batches),
        CHECK: check,
        FINALIZE: counted,
        HANDLE: lambda _: {},
    }
    return World(functions, loads(failing or {}))


def test_the_names_of_the_deployed_machine_are_there_in_order() -> None:
    names = list(state_names(DEFINITION))
    assert [name for name in names if name in DEPLOYED] == list(DEPLOYED)
    assert DEFINITION["States"]["Map"]["MaxConcurrency"] == 12
    assert names[-3:] == ["DescribeFailure", "HandlePipelineFailure", "PipelineFailed"]


def test_the_readme_names_every_state() -> None:
    readme = (HOME / "README.md").read_text()
    section = readme[readme.index("## Landing pipeline") :]
    assert [name for name in state_names(DEFINITION) if f"`{name}`" not in section] == []


def test_the_checks_find_nothing_that_is_not_accepted() -> None:
    there = Resources.of(
        {
            "functions": [getattr(NAMES, field) for field in PipelineNames.functions()],
            "jobs": [NAMES.glue_job],
        }
    )
    contracts, accepted = load_contracts(BESIDE / "_contracts.yaml"), load_accepted(BESIDE / "_accepted.yaml")
    assert [str(found) for found in check_definition(NAME, DEFINITION, there, contracts, accepted)] == []


def test_it_may_call_what_the_edv_pipeline_calls() -> None:
    allowed = permissions(DEFINITION)
    assert allowed.glue_jobs == (NAMES.glue_job,)
    assert set(allowed.functions) == {getattr(NAMES, name) for name in PipelineNames.functions()}


def test_what_the_deployed_machine_was_started_with_is_accepted() -> None:
    scene = world(("FARM,CROP", "FIELD"))
    done = run(DEFINITION, scene, {"JobId": 17, "SfName": "CARS-Landing"})
    assert (done.status, done.output["status"]) == ("SUCCEEDED", "SUCCESS")
    [asked] = scene.called(PLAN)
    assert (asked["layer"], asked["batches"], asked["execution"]) == ("LANDING", 4, "run-1")


def test_the_input_cannot_make_a_landing_something_else() -> None:
    scene = world(("FARM",))
    run(DEFINITION, scene, {"layer": "EDV", "batches": 1, "tables": ["FARM"]})
    [asked] = scene.called(PLAN)
    assert (asked["layer"], asked["batches"], asked["tables"]) == ("LANDING", 1, ["FARM"])


def test_a_job_run_lands_a_batch_and_needs_no_config_release() -> None:
    scene = world(("FARM,CROP", "FIELD"))
    run(DEFINITION, scene, {"start_date": "2026-06-01"})
    first, second = sorted(scene.called(GLUE), key=lambda arguments: arguments["--table_name"])
    assert first == {
        "--table_name": "FARM,CROP",
        "--layer": "LANDING",
        "--data_src_nm": "CARS",
        "--run_type": "incremental",
        "--start_date": "2026-06-01",
        "--env": "test",
        "--execution": "run-1",
    }
    assert second == {**first, "--table_name": "FIELD"}


def test_a_failed_batch_is_checked_and_recorded_as_landing() -> None:
    scene = world(("FARM,CROP", "FIELD"), failing={"FIELD": "no value of the key"})
    done = run(DEFINITION, scene)
    assert done.output["status"] == "PARTIAL_SUCCESS"
    assert done.output["rootError"]["table_name"] == "FIELD"
    assert [event["layer"] for event in scene.called(CHECK)] == ["LANDING", "LANDING"]
    [checked] = [event for event in scene.called(CHECK) if event.get("mode") != "item"]
    assert [item["table_name"] for item in checked["results"]] == ["FARM,CROP", "FIELD"]
    [summed] = scene.called(FINALIZE)
    assert summed["layer"] == "LANDING"
    assert "edvCheck" not in summed


def test_a_run_that_lands_nothing_fails_and_is_told_as_a_landing() -> None:
    scene = world(("FARM",), failing={"FARM": "no value of the key"})
    done = run(DEFINITION, scene)
    assert (done.status, done.error) == ("FAILED", "Landing.States.TaskFailed")
    [told] = scene.called(HANDLE)
    assert told["layer"] == "LANDING"


def test_a_hundred_failed_batches_fit_into_the_state_data() -> None:
    batches = tuple(f"TABLE_{number}" for number in range(100))
    scene = world(batches, failing=dict.fromkeys(batches, "x" * 4000))
    done = run(DEFINITION, scene)
    assert done.error == "Landing.States.TaskFailed"
    assert done.largest()[0] < 262_144


def test_settings_become_concurrency_batches_and_limits() -> None:
    definition = landing_pipeline(NAMES, LandingSettings(batches=7, concurrency=3, glue_timeout_seconds=9))
    assert definition["States"]["Map"]["MaxConcurrency"] == 3
    job = definition["States"]["Map"]["ItemProcessor"]["States"]["Move to Final Zone"]
    assert job["TimeoutSeconds"] == 9
    assert '\\"batches\\":7' in json.dumps(definition["States"]["Get Incremental Table list From S3"])
