"""Output of a task, map or parallel state over the size limit is an error of that state and can be caught by name.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html: States.DataLimitExceeded also comes
"when the output of a state is larger than payload size quota"; only States.ALL cannot catch it.
"""

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.eval.environment import Environment

from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.errors import is_within

TOO_LARGE = StatesErrorNameType.StatesStatesDataLimitExceeded


def install() -> None:
    """Check the output while the state's retriers and catchers are still active."""
    state: Any = ExecutionState
    evaluate = state._evaluate_with_timeout

    def evaluated(self: Any, env: Environment) -> None:
        evaluate(self, env)
        sampler = self.output_path.string_sampler if self.output_path else None
        whole = sampler is not None and sampler.literal_value == "$"
        if whole and env.stack and not is_within(env.stack[-1]):
            raise FailureEventException(failure_event=too_large(self, env))

    reason = "an output over the limit ends the execution, whatever the state catches"
    replace(ExecutionState, "_evaluate_with_timeout", evaluated, reason=reason)


def too_large(state: Any, env: Environment) -> FailureEvent:
    """The failure, in AWS's words."""
    cause = (
        f"The state/task '{state.name}' returned a result with a size exceeding "
        "the maximum number of bytes service limit."
    )
    details: Any = {"taskFailedEventDetails": {"error": TOO_LARGE.to_name(), "cause": cause}}
    return FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=TOO_LARGE),
        event_type=HistoryEventType.TaskFailed,
        event_details=details,
    )
