"""How a run ends: the verdict after FinalizePipeline, and the way of every error to PipelineFailed.

Both ends read `$.error`-like objects whose keys may be missing (Step Functions leaves Cause out at times), so
each is laid over defaults before a key is read.
"""

from __future__ import annotations

from statemachine.names import EdvNames, EdvSettings
from statemachine.states import (
    Step,
    catching,
    choice,
    compose,
    constant,
    fail,
    is_value,
    then,
    with_defaults,
)
from statemachine.tasks import invoke

_NO_ROOT = {
    "table_name": "EDV pipeline",
    "Error": "EDVPipeline.Failed",
    "Cause": "the run failed, but no table left an error; see data_ppln_run_log",
}


def verdict() -> tuple[Step, ...]:
    """Find the first root error (staging before vault), then end by status: FAILED is a failure."""
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
        then(constant("UnknownRootError", {"error": _NO_ROOT}, result_path="$.root"), "PipelineOutcome"),
        constant("NoRootError", {"error": None}, result_path="$.root"),
        choice(
            "PipelineOutcome",
            (is_value("$.outcome.status", "StringEquals", "SUCCESS"), "PipelineSummary"),
            (is_value("$.outcome.status", "StringEquals", "PARTIAL_SUCCESS"), "PipelineSummary"),
            otherwise="RunFailed",
        ),
        then(_run_failed(), "DescribeFailure"),
        _pipeline_summary(),
    )


def describe_failure(names: EdvNames) -> Step:
    """From the failed step's data to what is needed from here on; an error may come before any plan exists."""
    start = "States.ArrayGetItem(States.StringSplit($$.Execution.StartTime, 'T'), 0)"
    unknown = {"Error": "EDVPipeline.Unknown", "Cause": "no cause was given"}
    return compose(
        "DescribeFailure",
        {
            "run": {"data_src_nm": names.data_src_nm, "run_type": "incremental", "start_date.$": start},
            "failure": {"error.$": with_defaults(unknown, "$.error")},
        },
    )


def handle_failure(names: EdvNames, settings: EdvSettings) -> Step:
    """Log and notify; whether it works or not, the original error goes on."""
    asked = "States.JsonMerge($.run, $$.Execution.Input, false)"
    step = invoke(
        "HandlePipelineFailure",
        names.handle_failure,
        f"States.JsonMerge({asked}, $.failure, false)",
        settings,
        result_path=None,
    )
    return catching(step, "PipelineFailed")


def pipeline_failed() -> Step:
    """The execution ends with the first error; Format makes a string even of null."""
    return fail(
        "PipelineFailed",
        error="States.Format('{}', $.failure.error.Error)",
        cause="States.Format('{}', $.failure.error.Cause)",
    )


def _root_error(name: str, path: str) -> Step:
    return compose(name, {"error.$": with_defaults(_NO_ROOT, path)}, result_path="$.root")


def _run_failed() -> Step:
    cause = "States.Format('{}: {}', $.root.error.table_name, $.root.error.Cause)"
    return compose("RunFailed", {"error": {"Error.$": "$.root.error.Error", "Cause.$": cause}})


def _pipeline_summary() -> Step:
    return compose(
        "PipelineSummary",
        {
            "status.$": "$.outcome.status",
            "summary.$": "$.outcome.summary",
            "rootError.$": "$.root.error",
            "skippedTables": {
                "stage.$": "$.stage.check.skippedTables",
                "edv.$": "$.vault.check.skippedTables",
            },
            "release.$": "$.run.release",
        },
    )
