"""The end of a run: the outcome after FinalizePipeline, and the path of every error to PipelineFailed.

An error object may lack keys (Step Functions omits the Cause of some errors), so it is merged into defaults before a
key is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from statemachine.names import Limits, PipelineNames
from statemachine.states import (
    Json,
    Step,
    choice,
    compose,
    constant,
    fail,
    ignoring_errors,
    is_value,
    then,
    with_defaults,
)
from statemachine.tasks import EXECUTION, invoke

# The root error is written here, over a placeholder that reserves its bytes. The states after FinalizePipeline cannot
# catch: if the error did not fit into the state data, the run would end without a notification. A cause has at most
# 500 bytes, each at most six in JSON.
ROOT = "$.outcome.root"
PLACEHOLDER = "." * 4096
# The run key for edv-handle-failure.
_RUN = {f"{key}.$": f"$.run.{key}" for key in ("data_src_nm", "run_type", "start_date")}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What differs from pipeline to pipeline at the end of a run.

    `roots`: the state that takes over a layer's root error -> where the layer's check is, first layer first.
    `summary`: what the output has beside status, summary and root error.
    `told`: what HandlePipelineFailure gets beside run and error.
    """

    title: str
    prefix: str  # of error names
    roots: Mapping[str, str]
    summary: Json
    told: Json = field(default_factory=dict)

    @property
    def no_root(self) -> dict[str, str]:
        """The error of a failed run without a root error."""
        return {
            "table_name": self.title,
            "Error": f"{self.prefix}Pipeline.Failed",
            "Cause": "no table left an error to show; see data_ppln_run_log",
        }


def outcome(pipeline: Pipeline) -> tuple[Step, ...]:
    """Find the first root error, layer by layer, then end by status: FAILED fails the execution."""
    found = [
        ({"Variable": f"{check}.rootError.Error", "IsPresent": True}, name)
        for name, check in pipeline.roots.items()
    ]
    return (
        choice(
            "FindRootError",
            *found,
            (is_value("$.outcome.status", "StringEquals", "SUCCESS"), "NoRootError"),
            otherwise="UnknownRootError",
        ),
        *(
            then(_root_error(name, f"{check}.rootError", pipeline), "PipelineOutcome")
            for name, check in pipeline.roots.items()
        ),
        then(constant("UnknownRootError", {"error": pipeline.no_root}, result_path=ROOT), "PipelineOutcome"),
        constant("NoRootError", {"error": None}, result_path=ROOT),
        choice(
            "PipelineOutcome",
            (is_value("$.outcome.status", "StringEquals", "SUCCESS"), "PipelineSummary"),
            (is_value("$.outcome.status", "StringEquals", "PARTIAL_SUCCESS"), "PipelineSummary"),
            otherwise="RunFailed",
        ),
        then(_run_failed(), "DescribeFailure"),
        _pipeline_summary(pipeline),
    )


def plan_not_built(names: PipelineNames) -> tuple[Step, Step]:
    """Make `$.run` for a failure of the plan: the execution's input merged into the defaults."""
    today = "States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'T'), 0)"
    defaults = {"data_src_nm": names.data_src_nm, "run_type": "incremental", "start_date.$": today}
    asked = "States.JsonMerge($.defaults, $$.Execution.Input, false)"
    return (
        compose("PlanNotBuilt", {"defaults": defaults, "error.$": "$.error"}),
        compose("RunAskedFor", {"run.$": asked, "error.$": "$.error"}),
    )


def describe_failure(pipeline: Pipeline) -> Step:
    """Reduce the failed step's data, which may be large, to the run key and the error."""
    unknown = {"Error": f"{pipeline.prefix}Pipeline.Unknown", "Cause": "no cause was given"}
    return compose("DescribeFailure", {"run": _RUN, "error.$": with_defaults(unknown, "$.error")})


def handle_failure(pipeline: Pipeline, names: PipelineNames, settings: Limits) -> Step:
    """Log and notify. Its own failure is ignored, so that the original error is kept."""
    step = invoke(
        "HandlePipelineFailure",
        names.handle_failure,
        {"error.$": "$.error", **_RUN, **pipeline.told, **EXECUTION},
        settings,
        result_path=None,
    )
    return ignoring_errors(step, "PipelineFailed")


def pipeline_failed(pipeline: Pipeline) -> Step:
    """End the execution with the first error. Its name gets a prefix, because a custom error name must not begin
    with `States.` (Amazon States Language, "Errors"). Format makes a string even of null.
    """
    return fail(
        "PipelineFailed",
        error=f"States.Format('{pipeline.prefix}.{{}}', $.error.Error)",
        cause="States.Format('{}', $.error.Cause)",
    )


def _root_error(name: str, path: str, pipeline: Pipeline) -> Step:
    return compose(name, {"error.$": with_defaults(pipeline.no_root, path)}, result_path=ROOT)


def _run_failed() -> Step:
    cause = "States.Format('{}: {}', $.outcome.root.error.table_name, $.outcome.root.error.Cause)"
    return compose(
        "RunFailed", {"run.$": "$.run", "error": {"Error.$": "$.outcome.root.error.Error", "Cause.$": cause}}
    )


def _pipeline_summary(pipeline: Pipeline) -> Step:
    return compose(
        "PipelineSummary",
        {
            "status.$": "$.outcome.status",
            "summary.$": "$.outcome.summary",
            "rootError.$": "$.outcome.root.error",
            **pipeline.summary,
        },
    )
