"""The checks of stepfunctions-local-test find nothing in the EDV pipeline, and every seeded mistake in it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted import NAMES

from statemachine import PipelineNames, edv_pipeline
from stepfunctions_local_test.checks import (
    Contracts,
    Finding,
    Resources,
    check_definition,
    load_accepted,
    load_contracts,
)

NAME = "CARS-EDV-Pipeline"
BESIDE = Path(__file__).parents[1] / "scenarios" / NAME
THERE = Resources.of(
    {"functions": [getattr(NAMES, field) for field in PipelineNames.functions()], "jobs": [NAMES.glue_job]}
)
DEFINITION = edv_pipeline(NAMES)

Change = Callable[[dict[str, Any]], None]


def findings(definition: dict[str, Any], contracts: Contracts | None = None) -> tuple[Finding, ...]:
    promised = contracts or load_contracts(BESIDE / "_contracts.yaml")
    return check_definition(NAME, definition, THERE, promised, load_accepted(BESIDE / "_accepted.yaml"))


def changed(change: Change) -> dict[str, Any]:
    definition = copy.deepcopy(DEFINITION)
    change(states(definition))
    return definition


def states(definition: dict[str, Any]) -> dict[str, Any]:
    """The states of all levels, by name, to be changed in place."""
    found = dict(definition["States"])
    for state in definition["States"].values():
        if "ItemProcessor" in state:
            found |= states(state["ItemProcessor"])
    return found


def test_the_checks_find_nothing_that_is_not_accepted() -> None:
    assert [str(finding) for finding in findings(DEFINITION)] == []


def test_every_task_whose_answer_is_read_has_a_contract() -> None:
    contracts = load_contracts(BESIDE / "_contracts.yaml")
    tasks = [name for name, state in states(DEFINITION).items() if state["Type"] == "Task"]
    assert [name for name in tasks if name not in contracts.answers] == ["ExecuteStageSQL", "ExecuteEDVSQL"]


def drop(state: str, *path: Any) -> Change:
    """Takes a field of a state away."""

    def change(known: dict[str, Any]) -> None:
        place = known[state]
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return change


def put(state: str, *path: Any) -> Change:
    """Replaces a field of a state: its path, then the value."""

    def change(known: dict[str, Any]) -> None:
        place = known[state]
        for step in path[:-2]:
            place = place[step]
        place[path[-2]] = path[-1]

    return change


def swap_catchers(known: dict[str, Any]) -> None:
    known["ProcessStageTables"]["Catch"].reverse()


def add_lost_state(known: dict[str, Any]) -> None:
    known["ProcessStageTables"]["ItemProcessor"]["States"]["Lost"] = {"Type": "Pass", "End": True}


def rename_key(known: dict[str, Any]) -> None:
    plan = known["BuildProcessingPlan"]["ResultSelector"]
    plan["tables.$"] = plan.pop("vault.$")


UNGUARDED = {
    "Variable": "$.stage.check.rootError.Error",
    "StringMatches": "*",
    "Next": "StageRootError",
}
MISTAKES: list[tuple[Change, str, str, str]] = [
    (drop("ExecuteStageSQL", "TimeoutSeconds"), "timeout", "ExecuteStageSQL", "startJobRun.sync"),
    (drop("CheckEDVResults", "TimeoutSeconds"), "timeout", "CheckEDVResults", "lambda:invoke without"),
    (swap_catchers, "matching", "ProcessStageTables", "Catch[0] has States.ALL but is not the last of 2"),
    (
        put("ExecuteEDVSQL", "Retry", 1, "ErrorEquals", ["Glue.ConcurrentRunsExceededException"]),
        "matching",
        "ExecuteEDVSQL",
        "Retry[1] (Glue.ConcurrentRunsExceededException) can never match",
    ),
    (
        put("FinalizePipeline", "Parameters", "FunctionName", NAMES.finalize_pipeline + "-2"),
        "resources",
        "FinalizePipeline",
        "no such function will be there",
    ),
    (
        put("ExecuteEDVSQL", "Parameters", "JobName", "FSA-TEST-DATAMART-EXEC"),
        "resources",
        "ExecuteEDVSQL",
        "no such job will be there",
    ),
    (
        put("ExecuteEDVSQL", "Resource", "arn:aws-us-gov:states:::glue:startJobRun.sync"),
        "resources",
        "ExecuteEDVSQL",
        "is of partition aws-us-gov, the resources are of aws",
    ),
    (add_lost_state, "unreachable", "Lost", "no route leads here from 'ExecuteStageSQL'"),
    (put("PipelineSummary", "Next", "PipelineSummary"), "endless", "PipelineSummary", "can never end"),
    (
        put("FinalizePipeline", "Catch", 1, "Next", "PipelineSuccess"),
        "swallowed",
        "FinalizePipeline",
        "can only succeed",
    ),
    (
        put("ProcessEDVGroups", "Catch", 1, "Next", "EDVNotProcessed"),
        "swallowed",
        "ProcessEDVGroups",
        "no state reads the error",
    ),
    (drop("PipelineOutcome", "Default"), "default", "PipelineOutcome", "has no Default"),
    (
        put("CheckStageResults", "QueryLanguage", "JSONata"),
        "schema",
        "CheckStageResults",
        "has the field QueryLanguage",
    ),
    (
        put("CheckStageResults", "Next", "ShouldProcessEdv"),
        "links",
        "CheckStageResults",
        "leads to 'ShouldProcessEdv'",
    ),
    (
        put("DescribeEmptyPlan", "Parameters", "message", "x" * 262_144),
        "limits",
        "DescribeEmptyPlan",
        "bytes of literals",
    ),
    (
        drop("BuildProcessingPlan", "ResultSelector", "counts.$"),
        "paths",
        "DescribeEmptyPlan",
        "reads $.counts,",
    ),
    (
        drop("BuildProcessingPlan", "ResultSelector", "run", "release.$"),
        "paths",
        "ExecuteStageSQL",
        "reads $.run.release",
    ),
    (rename_key, "paths", "ProcessEDVGroups", "ItemsPath reads $.vault"),
    (
        put("BuildProcessingPlan", "ResultSelector", "stage.$", "$.Payload.stageTables"),
        "paths",
        "BuildProcessingPlan",
        "$.Payload.stageTables",
    ),
    (put("BuildProcessingPlan", "Catch", 1, "ResultPath", None), "paths", "PlanNotBuilt", "reads $.error,"),
    (put("ProcessStageTables", "Catch", 1, "ResultPath", None), "paths", "DescribeFailure", "reads $.error,"),
    (put("ProcessStageTables", "Catch", 1, "ResultPath", "$"), "paths", "DescribeFailure", "reads $.run."),
    (
        put("BuildProcessingPlan", "Catch", 1, "Next", "DescribeFailure"),
        "paths",
        "DescribeFailure",
        "reads $.run.",
    ),
    (
        drop("ProcessStageTables", "ItemSelector", "planned.$"),
        "paths",
        "ShortenStageError",
        "reads $.planned,",
    ),
    (drop("ProcessEDVGroups", "ItemSelector", "run.$"), "paths", "ProcessEDVTablesInGroup", "reads $.run,"),
    (
        put("StageRootError", "Parameters", "error.$", "$.stage.check.rootErrors"),
        "paths",
        "StageRootError",
        "$.stage.check.rootErrors",
    ),
    (put("FindRootError", "Choices", 0, UNGUARDED), "paths", "FindRootError", "may be null"),
    (
        put("FindRootError", "Choices", 2, "Next", "StageRootError"),
        "paths",
        "StageRootError",
        "States.JsonMerge takes objects",
    ),
    (
        put("FindRootError", "Default", "NoRootError"),
        "paths",
        "RunFailed",
        "reads $.outcome.root.error.table_name",
    ),
    (put("EDVNotProcessed", "ResultPath", "$.edv"), "paths", "FinalizePipeline", "reads $.vault.check"),
    (
        drop("EDVNotProcessed", "Result", "check", "skippedTables"),
        "paths",
        "PipelineSummary",
        "reads $.vault.check.skippedTables",
    ),
    (
        put("DescribeFailure", "Parameters", "error.$", "$.error"),
        "paths",
        "PipelineFailed",
        "CausePath reads $.error.Cause",
    ),
    (drop("HandlePipelineFailure", "ResultPath"), "paths", "PipelineFailed", "ErrorPath reads $.error.Error"),
]


@pytest.mark.parametrize(("change", "check", "state", "text"), MISTAKES)
def test_a_seeded_mistake_is_found(change: Change, check: str, state: str, text: str) -> None:
    found = findings(changed(change))
    assert any((one.check, one.state) == (check, state) and text in one.message for one in found), found


def test_a_key_that_a_function_no_longer_promises_is_found() -> None:
    contracts = load_contracts(BESIDE / "_contracts.yaml")
    without = Contracts(
        contracts.input, {k: v for k, v in contracts.answers.items() if k != "FinalizePipeline"}
    )
    assert [(one.check, one.state) for one in findings(DEFINITION, without)] == [
        ("paths-unknown", "FinalizePipeline"),
        ("paths-unknown", "FinalizePipeline"),
    ]
