"""Matching of error names and the size limit of state data, with AWS's rules."""

import json
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_lambda
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local_aws.emulator.patching import replace

LARGEST_STATE = (
    262_144  # bytes of UTF-8, https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
)
ALL = StatesErrorName(typ=StatesErrorNameType.StatesALL)
TASK_FAILED = StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed)
TIMEOUT = StatesErrorName(typ=StatesErrorNameType.StatesTimeout)
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
TERMINAL = (
    StatesErrorName(typ=StatesErrorNameType.StatesStatesDataLimitExceeded),
    StatesErrorName(typ=StatesErrorNameType.StatesRuntime),
)


def install() -> None:
    """Replace the matching of error names and the three uses of the size check."""
    replace(
        ErrorEqualsDecl,
        "_eval_body",
        match,
        reason="moto lets States.ALL catch errors that AWS lets nothing catch",
    )
    replace(
        CustomErrorName,
        "__init__",
        ErrorName.__init__,
        reason="an error 'States.*' of an iteration crashes its map",
    )
    for module in (state, state_task_lambda, state_task_service):
        reason = "moto counts the spaces of its own JSON and refuses exactly 262144 bytes"
        replace(module, "is_within_size_quota", is_within, reason=reason)


def is_within(value: Any) -> bool:
    """Whether a value fits into state data, as compact UTF-8 JSON."""
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
    )
    return len(text.encode("utf-8", "surrogatepass")) <= LARGEST_STATE


def match(self: ErrorEqualsDecl, env: Environment) -> None:
    """Pop an error name, push whether a retrier or catcher matches it."""
    name = env.stack.pop()
    names = self.error_names
    if name in names:
        matches = True
    elif ALL in names:
        matches = name not in TERMINAL
    else:
        matches = TASK_FAILED in names and name != TIMEOUT and name not in TERMINAL
    env.stack.append(matches)
