"""The EDV pipeline: plan, staging tables, vault groups, outcome. JSONPath only, so that Step Functions Local runs it.

The state data has `run` (the five values that every table needs), `counts`, `stage` and `vault`. The last two hold the
names of the tables, then their results, then the check of the results. Each replaces the one before, because state data
is limited to 262,144 bytes.
"""

from __future__ import annotations

from typing import Any

from statemachine.failures import (
    PLACEHOLDER,
    describe_failure,
    handle_failure,
    outcome,
    pipeline_failed,
    plan_not_built,
)
from statemachine.machine import machine, processor
from statemachine.names import RUN_FIELDS, EdvNames, EdvSettings
from statemachine.permissions import Permissions, permissions
from statemachine.retries import lambda_retries
from statemachine.states import (
    Step,
    catching,
    choice,
    compose,
    constant,
    end,
    is_value,
    map_over,
    succeed,
    then,
    with_defaults,
)
from statemachine.tables import Layer, load_table
from statemachine.tasks import EXECUTION, invoke

# {"execution": name} for a payload that is an intrinsic. The braces are arguments, because engines escape them in
# templates differently. An execution's name has no quote and no backslash (StartExecution, API reference).
_EXECUTION_NAME = (
    "States.StringToJson(States.Format('{}{}{}', '{\"execution\":\"', $$.Execution.Name, '\"}'))"
)


def edv_pipeline(names: EdvNames, settings: EdvSettings | None = None) -> dict[str, Any]:
    """The definition, ready for json.dumps. Input {data_src_nm?, run_type?, start_date?, env?, allow_empty?};
    output {status, summary, rootError, skippedTables, release}. A run that loads no table fails.
    """
    settings = settings or EdvSettings()
    return machine(
        catching(_build_processing_plan(names, settings), "PlanNotBuilt"),
        choice(
            "CheckTablesExist",
            (is_value("$.counts.stg", "NumericGreaterThan", 0), "ProcessStageTables"),
            (is_value("$.counts.dv", "NumericGreaterThan", 0), "ProcessStageTables"),
            otherwise="DescribeEmptyPlan",
        ),
        _describe_empty_plan(),
        # A Succeed, as in the deployed machine: dashboards filter histories by this name and type.
        succeed("NoTablesToProcess"),
        _process_stage_tables(names, settings),
        _check_results("CheckStageResults", names, settings, layer="STG", at="$.stage"),
        choice(
            "ShouldProcessEDV",
            (is_value("$.stage.check.canContinue", "BooleanEquals", True), "ProcessEDVGroups"),
            # a layer without tables does not continue by itself
            (is_value("$.counts.stg", "NumericEquals", 0), "ProcessEDVGroups"),
            otherwise="EDVNotProcessed",
        ),
        _process_edv_groups(names, settings),
        then(
            _check_results("CheckEDVResults", names, settings, layer="EDV", at="$.vault"), "FinalizePipeline"
        ),
        _edv_not_processed(),
        _finalize_pipeline(names, settings),
        *outcome(),
        succeed("PipelineSuccess"),
        *plan_not_built(names),
        describe_failure(),
        handle_failure(names, settings),
        pipeline_failed(),
        comment="CARS EDV pipeline: staging tables side by side, then the vault group by group",
        timeout_seconds=settings.machine_timeout,
        on_error="DescribeFailure",
    )


def edv_permissions(names: EdvNames) -> Permissions:
    """The functions and jobs that the pipeline's role must be allowed to call, read from the definition."""
    return permissions(edv_pipeline(names))


def _build_processing_plan(names: EdvNames, settings: EdvSettings) -> Step:
    defaults = {"data_src_nm": names.data_src_nm, "run_type": "incremental", "env": names.env}
    asked = with_defaults(defaults, "$$.Execution.Input")
    run = {f"{key}.$": f"$.Payload.{key}" for key in RUN_FIELDS}
    return invoke(
        "BuildProcessingPlan",
        names.build_processing_plan,
        f"States.JsonMerge({asked}, {_EXECUTION_NAME}, false)",
        settings,
        retry=lambda_retries(also_timeout=True),
        result={
            "run": run,
            "counts.$": "$.Payload.counts",
            "stage.$": "$.Payload.stgTables",
            "vault.$": "$.Payload.dvGroups",
        },
        result_path="$",
    )


def _describe_empty_plan() -> Step:
    return compose(
        "DescribeEmptyPlan",
        {
            "status": "SUCCESS",
            "message": "the plan is empty, nothing was loaded",
            "run.$": "$.run",
            "counts.$": "$.counts",
        },
    )


def _process_stage_tables(names: EdvNames, settings: EdvSettings) -> Step:
    return map_over(
        "ProcessStageTables",
        "$.stage",
        load_table(Layer.stage(), names, settings),
        item={
            "table_name.$": "$$.Map.Item.Value",
            "index.$": "$$.Map.Item.Index",
            "planned.$": "$.counts.stg",
            "run.$": "$.run",
        },
        concurrency=settings.stage_concurrency,
        result_path="$.stage",
    )


def _process_edv_groups(names: EdvNames, settings: EdvSettings) -> Step:
    inner = map_over(
        "ProcessEDVTablesInGroup",
        "$.tables",
        load_table(Layer.vault(), names, settings),
        item={
            "table_name.$": "$$.Map.Item.Value",
            "index.$": "$$.Map.Item.Index",
            "groupIndex.$": "$.groupIndex",
            "planned.$": "$.planned",
            "run.$": "$.run",
        },
        concurrency=settings.vault_concurrency,
        result={"groupResults.$": "$"},
    )
    return map_over(
        "ProcessEDVGroups",
        "$.vault",
        processor(end(inner)),
        item={
            "tables.$": "$$.Map.Item.Value",
            "groupIndex.$": "$$.Map.Item.Index",
            "planned.$": "$.counts.dv",
            "run.$": "$.run",
        },
        concurrency=1,
        result_path="$.vault",
    )


def _check_results(name: str, names: EdvNames, settings: EdvSettings, *, layer: str, at: str) -> Step:
    """The check of results at `at`, which it replaces. Defaults fill in `rootError` and `skippedTables`."""
    return invoke(
        name,
        names.check_results,
        {"layer": layer, "results.$": at, **EXECUTION},
        settings,
        result={"check.$": with_defaults({"rootError": None, "skippedTables": []}, "$.Payload")},
        result_path=at,
    )


def _edv_not_processed() -> Step:
    nothing = {
        "successCount": 0,
        "failedCount": 0,
        "failedTables": [],
        "skippedTables": [],
        "canContinue": False,
    }
    return constant("EDVNotProcessed", {"check": {**nothing, "rootError": None}}, result_path="$.vault")


def _finalize_pipeline(names: EdvNames, settings: EdvSettings) -> Step:
    return invoke(
        "FinalizePipeline",
        names.finalize_pipeline,
        {
            "data_src_nm.$": "$.run.data_src_nm",
            "run_type.$": "$.run.run_type",
            "start_date.$": "$.run.start_date",
            "stageCheck.$": "$.stage.check",
            "edvCheck.$": "$.vault.check",
            "counts.$": "$.counts",
            "release.$": "$.run.release",
            **EXECUTION,
        },
        settings,
        result={"status.$": "$.Payload.status", "summary.$": "$.Payload.summary", "root": PLACEHOLDER},
        result_path="$.outcome",
    )
