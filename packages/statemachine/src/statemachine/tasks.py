"""The two kinds of task: a call of a Lambda function, and a run of the Glue job with its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from statemachine.names import RUN_FIELDS, Limits, PipelineNames
from statemachine.retries import Retrier, glue_retries, lambda_retries
from statemachine.states import Json, Step, task

# Functions log the execution's name, by which its log lines are found.
EXECUTION = {"execution.$": "$$.Execution.Name"}


def invoke(
    name: str,
    function_arn: str,
    payload: Json | str,
    settings: Limits,
    *,
    retry: Sequence[Retrier] | None = None,
    result: Json | None = None,
    result_path: str | None,
) -> Step:
    """Call a function; `payload` is a template, or an intrinsic that gives the whole payload."""
    partition = function_arn.split(":")[1]
    field = "Payload.$" if isinstance(payload, str) else "Payload"
    return task(
        name,
        f"arn:{partition}:states:::lambda:invoke",
        {"FunctionName": function_arn, field: payload},
        timeout_seconds=settings.lambda_timeout_seconds,
        retry=lambda_retries() if retry is None else retry,
        result=result,
        result_path=result_path,
    )


def run_glue_job(
    name: str, layer: str, names: PipelineNames, settings: Limits, *, run_fields: Sequence[str] = RUN_FIELDS
) -> Step:
    """Load one item of `layer` and wait for the end. The answer is dropped; a failed run raises an error."""
    arguments: dict[str, Any] = {"--table_name.$": "$.table_name", "--layer": layer, **names.glue_arguments}
    for key in run_fields:
        arguments[f"--{key}.$"] = f"$.run.{key}"
    arguments["--execution.$"] = "$$.Execution.Name"
    return task(
        name,
        f"arn:{names.partition}:states:::glue:startJobRun.sync",
        {"JobName": names.glue_job, "Arguments": arguments},
        timeout_seconds=settings.glue_timeout_seconds,
        retry=glue_retries(),
        result_path=None,
    )
