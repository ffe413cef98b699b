"""The end of a run: the outcome after FinalizePipeline, and the path of every error to PipelineFailed.

An error object may lack keys (Step Functions omits the Cause of some errors), so it is merged into defaults before a
key is read.
"""

from __future__ import annotations

from statemachine.names import EdvNames, EdvSettings
from statemachine.states import (
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

_NO_ROOT = {
    "table_name": "EDV pipeline",
    "Error": "EDVPipeline.Failed",
    "Cause": "no table left an error to show; see data_ppln_run_log",
}
# The root error is written here, over a placeholder that reserves its bytes. The states after FinalizePipeline cannot
# catch: if the error did not fit into the state data, the run would end without a notification. A cause has at most
# 500 bytes, each at most six in JSON.
ROOT = "$.outcome.root"
PLACEHOLDER = "." * 4096
# The run key for edv-handle-failure.
_RUN = {f"{key}.$": f"$.run.{key}" for key in ("data_src_nm", "run_type", "start_date")}


def outcome() -> tuple[Step, ...]:
    """Find the first root error (staging before vault), then end by status: FAILED fails the execution."""
    return (
        choice(
            "FindRootError",
            ({"Variable": "$.stage.check.rootError.Error", "IsPresent": True}, "StageRootError"),
            ({"Variable": "$.vault.check.rootError.Error", "IsPresent": True}, "EDVRootError"),
            (is_value("$.outcome.status", "StringEquals", "SUCCESS"), "NoRootError"),
            otherwise="UnknownRootError",
        ),
        then(_root_error("StageRootError", "$.stage.check.rootError"), "PipelineOutcome"),
        then(_root_error("EDVRootError", "$.vault.check.rootError"), "PipelineOutcome"),
        then(constant("UnknownRootError", {"error": _NO_ROOT}, result_path=ROOT), "PipelineOutcome"),
        constant("NoRootError", {"error": None}, result_path=ROOT),
        choice(
            "PipelineOutcome",
            (is_value("$.outcome.status", "StringEquals", "SUCCESS"), "PipelineSummary"),
            (is_value("$.outcome.status", "StringEquals", "PARTIAL_SUCCESS"), "PipelineSummary"),
            otherwise="RunFailed",
        ),
        then(_run_failed(), "DescribeFailure"),
        _pipeline_summary(),
    )


def plan_not_built(names: EdvNames) -> tuple[Step, Step]:
    """Make `$.run` for a failure of the plan: the execution's input merged into the defaults."""
    today = "States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'T'), 0)"
    defaults = {"data_src_nm": names.data_src_nm, "run_type": "incremental", "start_date.$": today}
    asked = "States.JsonMerge($.defaults, $$.Execution.Input, false)"
    return (
        compose("PlanNotBuilt", {"defaults": defaults, "error.$": "$.error"}),
        compose("RunAskedFor", {"run.$": asked, "error.$": "$.error"}),
    )


def describe_failure() -> Step:
    """Reduce the failed step's data, which may be large, to the run key and the error."""
    unknown = {"Error": "EDVPipeline.Unknown", "Cause": "no cause was given"}
    return compose("DescribeFailure", {"run": _RUN, "error.$": with_defaults(unknown, "$.error")})


def handle_failure(names: EdvNames, settings: EdvSettings) -> Step:
    """Log and notify. Its own failure is ignored, so that the original error is kept."""
    step = invoke(
        "HandlePipelineFailure",
        names.handle_failure,
        {"error.$": "$.error", **_RUN, **EXECUTION},
        settings,
        result_path=None,
    )
    return ignoring_errors(step, "PipelineFailed")


def pipeline_failed() -> Step:
    """End the execution with the first error. Its name gets a prefix, because a custom error name must not begin
    with `States.` (Amazon States Language, "Errors"). Format makes a string even of null.
    """
    return fail(
        "PipelineFailed",
        error="States.Format('EDV.{}', $.error.Error)",
        cause="States.Format('{}', $.error.Cause)",
    )


def _root_error(name: str, path: str) -> Step:
    return compose(name, {"error.$": with_defaults(_NO_ROOT, path)}, result_path=ROOT)


def _run_failed() -> Step:
    cause = "States.Format('{}: {}', $.outcome.root.error.table_name, $.outcome.root.error.Cause)"
    return compose(
        "RunFailed", {"run.$": "$.run", "error": {"Error.$": "$.outcome.root.error.Error", "Cause.$": cause}}
    )


def _pipeline_summary() -> Step:
    return compose(
        "PipelineSummary",
        {
            "status.$": "$.outcome.status",
            "summary.$": "$.outcome.summary",
            "rootError.$": "$.outcome.root.error",
            "skippedTables": {
                "stage.$": "$.stage.check.skippedTables",
                "edv.$": "$.vault.check.skippedTables",
            },
            "release.$": "$.run.release",
        },
    )
