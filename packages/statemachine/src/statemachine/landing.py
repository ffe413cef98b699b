"""The landing pipeline: plan, job runs over batches of tables, outcome. JSONPath only, as in `edv`.

The state data has `run` (the values that every job run needs), `counts` and `landing`: the batches, each with the names of
its tables joined by commas, then their results, then the check of the results.
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
from statemachine.machine import machine
from statemachine.names import LandingSettings, PipelineNames
from statemachine.planning import build_plan, describe_empty_plan, run_of
from statemachine.results import check_results, finalize_pipeline
from statemachine.states import Step, choice, is_value, map_over, succeed
from statemachine.tables import Layer, load_table

_LAYER = {"layer": "LANDING"}
_PIPELINE = Pipeline(
    title="landing pipeline",
    prefix="Landing",
    roots={"LandingRootError": "$.landing.check"},
    summary={},
    told=_LAYER,
)


def landing_pipeline(names: PipelineNames, settings: LandingSettings | None = None) -> dict[str, Any]:
    """The definition, ready for json.dumps. Input {JobId?, SfName?, data_src_nm?, run_type?, start_date?, env?, tables?,
    batches?, allow_empty?}, of which the first two are accepted and not used; output {status, summary, rootError}. A run
    that lands no table fails.
    """
    settings = settings or LandingSettings()
    return machine(
        _table_list(names, settings),
        # a plan always has its counts: the step before ends with its own error where it cannot select them
        choice(
            "CARS Tables",
            (is_value("$.counts.stg", "NumericGreaterThan", 0), "Map"),
            otherwise="DescribeEmptyPlan",
        ),
        describe_empty_plan(),
        succeed("NoTablesToProcess"),
        _map(names, settings),
        check_results("CheckLandingResults", names, settings, layer="LANDING", at="$.landing"),
        finalize_pipeline(names, settings, {"stageCheck.$": "$.landing.check", **_LAYER}),
        *outcome(_PIPELINE),
        succeed("PipelineSuccess"),
        *plan_not_built(names),
        describe_failure(_PIPELINE),
        handle_failure(_PIPELINE, names, settings),
        pipeline_failed(_PIPELINE),
        comment="CARS landing pipeline: landing objects into change zone and final zone, batches of tables side by side",
        timeout_seconds=settings.machine_timeout,
        on_error="DescribeFailure",
    )


def _table_list(names: PipelineNames, settings: LandingSettings) -> Step:
    return build_plan(
        "Get Incremental Table list From S3",
        names,
        settings,
        {
            "run": run_of(Layer.landing().run_fields),
            "counts.$": "$.Payload.counts",
            "landing.$": "$.Payload.batches",
        },
        defaults={"batches": settings.batches},
        fixed=_LAYER,
    )


def _map(names: PipelineNames, settings: LandingSettings) -> Step:
    return map_over(
        "Map",
        "$.landing",
        load_table(Layer.landing(), names, settings),
        item={"table_name.$": "$$.Map.Item.Value", "planned.$": "$.counts.batches", "run.$": "$.run"},
        concurrency=settings.concurrency,
        result_path="$.landing",
    )
