"""The begin of a run: the plan, asked for with the execution's input over defaults, and the end of an empty plan."""

from __future__ import annotations

import json
from typing import Any

from statemachine.names import Limits, PipelineNames
from statemachine.retries import lambda_retries
from statemachine.states import Json, Step, catching, compose, with_defaults
from statemachine.tasks import invoke


def build_plan(
    name: str,
    names: PipelineNames,
    settings: Limits,
    result: Json,
    *,
    defaults: Json | None = None,
    fixed: Json | None = None,
) -> Step:
    """Ask for the plan. The input wins over `defaults`, and `fixed` over the input; `result` becomes the state data.

    Its failure goes to `PlanNotBuilt`.
    """
    usual = {
        "data_src_nm": names.data_src_nm,
        "run_type": "incremental",
        "env": names.env,
        **(defaults or {}),
    }
    asked = with_defaults(usual, "$$.Execution.Input")
    step = invoke(
        name,
        names.build_processing_plan,
        f"States.JsonMerge({asked}, {_with_execution(fixed or {})}, false)",
        settings,
        retry=lambda_retries(also_timeout=True),
        result=result,
        result_path="$",
    )
    return catching(step, "PlanNotBuilt")


def _with_execution(fixed: Json) -> str:
    """{**fixed, "execution": name} for a payload that is an intrinsic. The braces are arguments, because engines escape
    them in templates differently. An execution's name has no quote and no backslash (StartExecution, API reference).
    """
    begin = json.dumps({**fixed, "execution": ""}, separators=(",", ":")).removesuffix('"}')
    return f"States.StringToJson(States.Format('{{}}{{}}{{}}', '{begin}', $$.Execution.Name, '\"}}'))"


def run_of(fields: tuple[str, ...]) -> dict[str, Any]:
    """The run key as the plan answers it."""
    return {f"{key}.$": f"$.Payload.{key}" for key in fields}


def describe_empty_plan() -> Step:
    """The output of an empty plan that the input allows."""
    return compose(
        "DescribeEmptyPlan",
        {
            "status": "SUCCESS",
            "message": "the plan is empty, nothing was loaded",
            "run.$": "$.run",
            "counts.$": "$.counts",
        },
    )
