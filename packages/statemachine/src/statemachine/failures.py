"""How a run ends: the verdict after FinalizePipeline, and the way of every error to PipelineFailed.

Both ends read `$.error`-like objects whose keys may be missing (Step Functions leaves Cause out at times), so
each is laid over defaults before a key is read.
"""

from __future__ import annotations

from statemachine.names import EdvNames, EdvSettings
from statemachine.states import (
    Step,
    choice,
    compose,
    constant,
    fail,
    forgiving,
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
# Where the root error comes to lie, and the bytes that are kept free for it. The states after FinalizePipeline cannot
# catch: what they add to the state data must fit, or the run would end without a word to anybody. A cause has at most
# 500 bytes, each of them six in JSON at worst.
ROOT = "$.outcome.root"
ROOM = "." * 4096
# What edv-handle-failure is told about the run.
_RUN = {f"{key}.$": f"$.run.{key}" for key in ("data_src_nm", "run_type", "start_date")}


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
    """The one failure that comes before `$.run` exists: what was asked for, over the defaults, stands in."""
    today = "States.ArrayGetItem(States.StringSplit($$.State.EnteredTime, 'T'), 0)"
    defaults = {"data_src_nm": names.data_src_nm, "run_type": "incremental", "start_date.$": today}
    asked = "States.JsonMerge($.defaults, $$.Execution.Input, false)"
    return (
        compose("PlanNotBuilt", {"defaults": defaults, "error.$": "$.error"}),
        compose("RunAskedFor", {"run.$": asked, "error.$": "$.error"}),
    )


def describe_failure() -> Step:
    """From the failed step's data, of any size, to what is needed from here on."""
    unknown = {"Error": "EDVPipeline.Unknown", "Cause": "no cause was given"}
    return compose("DescribeFailure", {"run": _RUN, "error.$": with_defaults(unknown, "$.error")})


def handle_failure(names: EdvNames, settings: EdvSettings) -> Step:
    """Log and notify; whether it works or not, the original error goes on."""
    step = invoke(
        "HandlePipelineFailure",
        names.handle_failure,
        {"error.$": "$.error", **_RUN, **EXECUTION},
        settings,
        result_path=None,
    )
    return forgiving(step, "PipelineFailed")


def pipeline_failed() -> Step:
    """The execution ends with the first error. Its name gets a prefix, because names of one's own must not
    begin with `States.` (Amazon States Language, "Errors"); Format makes a string even of null.
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
