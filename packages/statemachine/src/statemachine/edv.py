"""The EDV pipeline: plan, staging tables, vault groups, outcome. JSONPath only, so that Step Functions Local runs it.

The state data has `run` (the five values that every table needs), `counts`, `stage` and `vault`. The last two hold the
names of the tables, then their results, then the check of the results. Each replaces the one before, because state data
is limited to 262,144 bytes.
"""

from __future__ import annotations

from typing import Any

from statemachine.failures import (
    Pipeline,
    describe_failure,
    handle_failure,
    outcome,
    pipeline_failed,
    plan_not_built,
)
from statemachine.machine import machine, processor
from statemachine.names import RUN_FIELDS, EdvSettings, PipelineNames
from statemachine.permissions import Permissions, permissions
from statemachine.planning import build_plan, describe_empty_plan, run_of
from statemachine.results import check_results, finalize_pipeline
from statemachine.states import Step, choice, constant, end, is_value, map_over, succeed, then
from statemachine.tables import Layer, load_table

_PIPELINE = Pipeline(
    title="EDV pipeline",
    prefix="EDV",
    roots={"StageRootError": "$.stage.check", "EDVRootError": "$.vault.check"},
    summary={
        "skippedTables": {
            "stage.$": "$.stage.check.skippedTables",
            "edv.$": "$.vault.check.skippedTables",
        },
        "release.$": "$.run.release",
    },
)


def edv_pipeline(names: PipelineNames, settings: EdvSettings | None = None) -> dict[str, Any]:
    """The definition, ready for json.dumps. Input {data_src_nm?, run_type?, start_date?, env?, allow_empty?};
    output {status, summary, rootError, skippedTables, release}. A run that loads no table fails.
    """
    settings = settings or EdvSettings()
    return machine(
        _build_processing_plan(names, settings),
        choice(
            "CheckTablesExist",
            (is_value("$.counts.stg", "NumericGreaterThan", 0), "ProcessStageTables"),
            (is_value("$.counts.dv", "NumericGreaterThan", 0), "ProcessStageTables"),
            otherwise="DescribeEmptyPlan",
        ),
        describe_empty_plan(),
        # A Succeed, as in the deployed machine: dashboards filter histories by this name and type.
        succeed("NoTablesToProcess"),
        _process_stage_tables(names, settings),
        check_results("CheckStageResults", names, settings, layer="STG", at="$.stage"),
        choice(
            "ShouldProcessEDV",
            (is_value("$.stage.check.canContinue", "BooleanEquals", True), "ProcessEDVGroups"),
            # a layer without tables does not continue by itself
            (is_value("$.counts.stg", "NumericEquals", 0), "ProcessEDVGroups"),
            otherwise="EDVNotProcessed",
        ),
        _process_edv_groups(names, settings),
        then(
            check_results("CheckEDVResults", names, settings, layer="EDV", at="$.vault"), "FinalizePipeline"
        ),
        _edv_not_processed(),
        _finalize_pipeline(names, settings),
        *outcome(_PIPELINE),
        succeed("PipelineSuccess"),
        *plan_not_built(names),
        describe_failure(_PIPELINE),
        handle_failure(_PIPELINE, names, settings),
        pipeline_failed(_PIPELINE),
        comment="CARS EDV pipeline: staging tables side by side, then the vault group by group",
        timeout_seconds=settings.machine_timeout,
        on_error="DescribeFailure",
    )


def edv_permissions(names: PipelineNames) -> Permissions:
    """The functions and jobs that the pipeline's role must be allowed to call, read from the definition."""
    return permissions(edv_pipeline(names))


def _build_processing_plan(names: PipelineNames, settings: EdvSettings) -> Step:
    return build_plan(
        "BuildProcessingPlan",
        names,
        settings,
        {
            "run": run_of(RUN_FIELDS),
            "counts.$": "$.Payload.counts",
            "stage.$": "$.Payload.stgTables",
            "vault.$": "$.Payload.dvGroups",
        },
    )


def _process_stage_tables(names: PipelineNames, settings: EdvSettings) -> Step:
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


def _process_edv_groups(names: PipelineNames, settings: EdvSettings) -> Step:
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


def _edv_not_processed() -> Step:
    nothing = {
        "successCount": 0,
        "failedCount": 0,
        "failedTables": [],
        "skippedTables": [],
        "canContinue": False,
    }
    return constant("EDVNotProcessed", {"check": {**nothing, "rootError": None}}, result_path="$.vault")


def _finalize_pipeline(names: PipelineNames, settings: EdvSettings) -> Step:
    return finalize_pipeline(
        names,
        settings,
        {
            "stageCheck.$": "$.stage.check",
            "edvCheck.$": "$.vault.check",
            "release.$": "$.run.release",
        },
    )
