"""The EDV pipeline's definition as Step Functions will read it: fields, names, order, limits, permissions."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from scripted import NAMES

from statemachine import EdvSettings, PipelineNames, StateMachineError, edv_permissions, edv_pipeline
from statemachine.machine import state_names, targets

DEFINITION = edv_pipeline(NAMES)

CONTRACT = (
    "BuildProcessingPlan",
    "CheckTablesExist",
    "NoTablesToProcess",
    "ProcessStageTables",
    "ExecuteStageSQL",
    "StageTableSuccess",
    "StageTableFailed",
    "CheckStageResults",
    "ShouldProcessEDV",
    "ProcessEDVGroups",
    "ProcessEDVTablesInGroup",
    "ExecuteEDVSQL",
    "EDVTableSuccess",
    "EDVTableFailed",
    "CheckEDVResults",
    "FinalizePipeline",
    "PipelineSuccess",
    "HandlePipelineFailure",
    "PipelineFailed",
)

# Names and types by which dashboards filter histories.
FILTERED = {
    "NoTablesToProcess": "Succeed",
    "StageTableSuccess": "Pass",
    "StageTableFailed": "Pass",
    "EDVTableSuccess": "Pass",
    "EDVTableFailed": "Pass",
    "PipelineSuccess": "Succeed",
    "PipelineFailed": "Fail",
}

# Fields of the Amazon States Language (JSONPath) by type: needed, allowed besides.
_COMMON = {"Type", "Comment", "InputPath", "OutputPath"}
_FLOW = {"Next", "End"}
FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "Task": (
        {"Resource", "Parameters", "TimeoutSeconds", "Retry", "Catch", "ResultPath"},
        {"ResultSelector", *_FLOW},
    ),
    "Pass": (set(), {"Parameters", "Result", "ResultPath", *_FLOW}),
    "Choice": ({"Choices", "Default"}, set()),
    "Map": (
        {"ItemsPath", "ItemProcessor", "ItemSelector", "MaxConcurrency", "ResultPath"},
        {"ResultSelector", "Retry", "Catch", *_FLOW},
    ),
    "Succeed": (set(), set()),
    "Fail": ({"ErrorPath", "CausePath"}, set()),
}


def _levels(level: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield level
    for state in level["States"].values():
        if "ItemProcessor" in state:
            yield from _levels(state["ItemProcessor"])


STATES: dict[str, Any] = {
    name: state for level in _levels(DEFINITION) for name, state in level["States"].items()
}
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}


def test_every_name_of_the_contract_is_there_and_in_order() -> None:
    assert tuple(name for name in state_names(DEFINITION) if name in CONTRACT) == CONTRACT
    assert DEFINITION["StartAt"] == "BuildProcessingPlan"


@pytest.mark.parametrize("name", STATES)
def test_a_state_has_the_fields_of_its_type_and_no_other(name: str) -> None:
    state = STATES[name]
    needed, allowed = FIELDS[state["Type"]]
    assert needed <= state.keys() <= needed | allowed | _COMMON
    if state["Type"] in ("Task", "Pass", "Map"):
        assert ("Next" in state) != ("End" in state)
    assert len(name) <= 80


def test_states_that_dashboards_filter_by_have_their_types() -> None:
    assert {name: STATES[name]["Type"] for name in FILTERED} == FILTERED


def test_every_target_exists_on_its_own_level_and_every_state_is_reached() -> None:
    for level in _levels(DEFINITION):
        reached, waiting = set(), [level["StartAt"]]
        while waiting:
            name = waiting.pop()
            assert name in level["States"]
            if name not in reached:
                reached.add(name)
                waiting.extend(targets(level["States"][name]))
        assert reached == set(level["States"])


def test_every_level_can_end() -> None:
    for level in _levels(DEFINITION):
        assert any(
            state.get("End") or state["Type"] in ("Succeed", "Fail") for state in level["States"].values()
        )


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_a_time_limit_and_typed_retries_with_jitter_and_cap(name: str) -> None:
    task = TASKS[name]
    assert 1 <= task["TimeoutSeconds"] < DEFINITION["TimeoutSeconds"]
    assert task["Retry"]
    for retrier in task["Retry"]:
        assert set(retrier) == {
            "ErrorEquals",
            "IntervalSeconds",
            "BackoffRate",
            "MaxAttempts",
            "MaxDelaySeconds",
            "JitterStrategy",
        }
        assert retrier["JitterStrategy"] == "FULL"
        assert retrier["BackoffRate"] >= 1
        assert 1 <= retrier["IntervalSeconds"] < retrier["MaxDelaySeconds"] <= 60
        assert 1 <= retrier["MaxAttempts"] <= 10
        assert not {"States.ALL", "States.TaskFailed"} & set(retrier["ErrorEquals"])
    names = [error for retrier in task["Retry"] for error in retrier["ErrorEquals"]]
    assert len(names) == len(set(names))
    service = "Glue." if "glue" in task["Resource"] else "Lambda."
    assert all(error.startswith((service, "States.Timeout")) for error in names)


def test_states_all_is_the_last_catcher_and_alone() -> None:
    for name, state in STATES.items():
        catchers = [catcher["ErrorEquals"] for catcher in state.get("Catch", [])]
        if catchers:
            assert catchers[-1] == ["States.ALL"], name
            assert all("States.ALL" not in errors for errors in catchers[:-1]), name


def test_only_a_map_inside_a_map_leaves_its_failure_to_the_outside() -> None:
    uncaught = [n for n, state in STATES.items() if state["Type"] in ("Task", "Map") and "Catch" not in state]
    assert uncaught == ["ProcessEDVTablesInGroup"]
    assert "Catch" in STATES["ProcessEDVGroups"]


def _ends(states: Mapping[str, Any], start: str) -> set[str]:
    """The states without a follower that a walk from `start` can come to."""
    reached, waiting, ends = set(), [start], set()
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        followers = list(targets(states[name]))
        waiting.extend(followers)
        ends |= set() if followers else {name}
    return ends


def test_every_failure_outside_the_maps_ends_in_pipeline_failed() -> None:
    states = DEFINITION["States"]
    for name, state in states.items():
        for catcher in state.get("Catch", []):
            assert _ends(states, catcher["Next"]) == {"PipelineFailed"}, name


def test_no_jsonata_and_no_variables() -> None:
    text = json.dumps(DEFINITION)
    assert not re.search(r'"(QueryLanguage|Assign|Arguments\.\$|Output|Condition|Items)":|\{%', text)


def test_the_services_are_called_as_the_contract_says() -> None:
    resources = {name: task["Resource"] for name, task in TASKS.items()}
    assert set(resources.values()) == {
        "arn:aws:states:::lambda:invoke",
        "arn:aws:states:::glue:startJobRun.sync",
    }
    assert [n for n, r in resources.items() if "glue" in r] == ["ExecuteStageSQL", "ExecuteEDVSQL"]


def test_the_partition_is_read_off_the_arns() -> None:
    changed = {
        name: getattr(NAMES, name).replace("arn:aws:", "arn:aws-us-gov:") for name in NAMES.functions()
    }
    names = PipelineNames(**changed, glue_job=NAMES.glue_job, data_src_nm="CARS", env="test")
    assert names.partition == "aws-us-gov"
    text = json.dumps(edv_pipeline(names))
    assert "arn:aws:" not in text
    assert names.glue_job_arn == f"arn:aws-us-gov:glue:us-east-1:111122223333:job/{NAMES.glue_job}"


def test_concurrency_and_limits_come_from_the_settings() -> None:
    assert (STATES["ProcessStageTables"]["MaxConcurrency"], STATES["ProcessEDVGroups"]["MaxConcurrency"]) == (
        20,
        1,
    )
    assert STATES["ProcessEDVTablesInGroup"]["MaxConcurrency"] == 10
    other = edv_pipeline(
        NAMES,
        EdvSettings(
            stage_concurrency=3,
            vault_concurrency=4,
            lambda_timeout_seconds=5,
            glue_timeout_seconds=6,
            machine_timeout_seconds=7,
        ),
    )
    states = {name: state for level in _levels(other) for name, state in level["States"].items()}
    assert states["ProcessStageTables"]["MaxConcurrency"] == 3
    assert states["ProcessEDVTablesInGroup"]["MaxConcurrency"] == 4
    assert {state["TimeoutSeconds"] for state in states.values() if state["Type"] == "Task"} == {5, 6}
    assert other["TimeoutSeconds"] == 7


def test_an_execution_keeps_to_the_release_its_definition_names() -> None:
    release = {"--scriptLocation": "s3://code/glue/releases/1/script.py"}
    versions = {name: f"{getattr(NAMES, name)}:7" for name in PipelineNames.functions()}
    pinned = edv_pipeline(dataclasses.replace(NAMES, glue_arguments=release, **versions))
    tasks = [
        state for level in _levels(pinned) for state in level["States"].values() if state["Type"] == "Task"
    ]
    runs = [task["Parameters"] for task in tasks if "JobName" in task["Parameters"]]
    assert [run["Arguments"]["--scriptLocation"] for run in runs] == [release["--scriptLocation"]] * 2
    assert all(run["Arguments"]["--table_name.$"] == "$.table_name" for run in runs)
    called = {task["Parameters"].get("FunctionName", ":7") for task in tasks}
    assert all(arn.endswith(":7") for arn in called)
    with pytest.raises(
        StateMachineError, match="holds --layer, which the pipeline sets for every table itself"
    ):
        dataclasses.replace(NAMES, glue_arguments={"--layer": "STG"})


def test_a_long_glue_limit_lengthens_the_execution_s_limit() -> None:
    assert edv_pipeline(NAMES)["TimeoutSeconds"] == 12 * 3600
    assert edv_pipeline(NAMES, EdvSettings(glue_timeout_seconds=172_800))["TimeoutSeconds"] == 345_600


def test_the_definition_is_the_same_every_time() -> None:
    assert json.dumps(edv_pipeline(NAMES)) == json.dumps(DEFINITION)


def test_permissions_name_what_the_tasks_call_and_nothing_else() -> None:
    allowed = edv_permissions(NAMES)
    called = {
        task["Parameters"].get("FunctionName") or task["Parameters"]["JobName"] for task in TASKS.values()
    }
    assert {*allowed.functions, *allowed.glue_jobs} == called
    assert allowed.glue_jobs == (NAMES.glue_job,)
    assert len(allowed.functions) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"check_results": "edv-check-results"},
            "PipelineNames.check_results must be the ARN of a Lambda function ",
        ),
        (
            {"check_results": NAMES.check_results.replace("us-east-1", "us-west-2")},
            "PipelineNames: the four functions must live in one partition, region and account, got "
            "aws:us-east-1:111122223333, aws:us-west-2:111122223333",
        ),
        (
            {"glue_job": "a b"},
            "PipelineNames.glue_job must be a job name of letters, digits, '-', '_' and '.', got 'a b'",
        ),
        (
            {"data_src_nm": "x'y"},
            "PipelineNames.data_src_nm must be 1 to 64 letters, digits, '-' or '_', got 'x'y'",
        ),
        ({"env": ""}, "PipelineNames.env must be 1 to 64 letters, digits, '-' or '_', got ''"),
    ],
)
def test_a_wrong_name_is_refused(change: dict[str, str], message: str) -> None:
    fields = {name: getattr(NAMES, name) for name in (*NAMES.functions(), "glue_job", "data_src_nm", "env")}
    with pytest.raises(StateMachineError) as caught:
        PipelineNames(**(fields | change))
    assert str(caught.value).startswith(message)


def test_a_setting_below_one_is_refused() -> None:
    with pytest.raises(StateMachineError, match=r"EdvSettings\.vault_concurrency must be at least 1, got 0"):
        EdvSettings(vault_concurrency=0)


def test_the_readme_names_every_state() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert [name for name in STATES if f"`{name}`" not in readme] == []
