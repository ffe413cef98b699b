"""Child executions: `states:startExecution` with the names that state machines use.

State machines write `StateMachineArn` and read `ExecutionArn`; the API has `stateMachineArn` and `executionArn`.
moto 5.2.5 has switched the translation off.
"""

from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)

from local_aws.emulator.patching import replace


def install() -> None:
    """Translate the names on the way in and out."""
    original = StateTaskServiceSfn._normalise_parameters

    def parameters(self: StateTaskServiceSfn, parameters: dict[str, Any], *names: Any, **named: Any) -> None:
        original(self, parameters, *names, **named)
        for key in list(parameters):
            parameters[key[0].lower() + key[1:]] = parameters.pop(key)

    def response(self: StateTaskServiceSfn, response: Any, *names: Any, **named: Any) -> None:
        for key in list(response if isinstance(response, dict) else ()):
            value = response.pop(key)
            shown = int(value.timestamp() * 1000) if isinstance(value, datetime) else value
            response[key[0].upper() + key[1:]] = shown

    reason = "a child execution cannot be started: KeyError 'StateMachineArn'"
    replace(StateTaskServiceSfn, "_normalise_parameters", parameters, reason=reason)
    replace(StateTaskServiceSfn, "_normalise_response", response, reason=reason)
