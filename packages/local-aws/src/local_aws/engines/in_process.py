"""The embedded engine inside the calling process: executions whose tasks are Python functions, in simulated time.

For tests of state machines: no endpoint, no deployed code, no roles. The first use replaces parts of moto for the rest
of the process, which must therefore not use moto's Step Functions in another way.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from local_aws.emulator import settings  # isort: skip - before anything of moto

from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local_aws.emulator.patching import check_version, replace
from local_aws.engines import python_targets
from local_aws.engines.python_targets import Targets
from local_aws.errors import LocalAwsError
from local_aws.patches import stepfunctions
from local_aws.simulation import waiting
from local_aws.simulation.virtual_clock import VirtualClock

ROLE_ARN = f"arn:aws:iam::{settings.ACCOUNT}:role/states"
POLL_SECONDS = 0.002  # of real time, between two looks at an execution


@dataclass(frozen=True, slots=True)
class Execution:
    """How an execution ended, and its events as GetExecutionHistory has them."""

    status: str
    output: Any
    error: str | None
    cause: str | None
    events: tuple[Mapping[str, Any], ...]


@lru_cache(maxsize=1)
def engine() -> "InProcessEngine":
    """The engine of this process, made on first use."""
    return InProcessEngine()


class InProcessEngine:
    """Runs one execution at a time. Make it with `engine()`: moto must be changed only once."""

    def __init__(self) -> None:
        check_version()
        self._clock = VirtualClock()
        self._turn = threading.Lock()
        self._targets = Targets({}, {})
        self._causes = True
        self._machines: dict[str, str] = {}
        stepfunctions.install_interpreter(None)
        python_targets.install(lambda: self._targets)
        waiting.install_virtual(self._clock)
        self._install_causes()

    def sleep(self, seconds: float) -> None:
        """Let simulated time pass; only for the Python functions that an execution calls."""
        self._clock.sleep(seconds)

    def seconds(self) -> float:
        """The simulated time in seconds since the engine was made."""
        return self._clock.monotonic()

    def run(
        self,
        definition: Mapping[str, Any],
        targets: Targets,
        given: Any = None,
        *,
        name: str = "run",
        causes: bool = True,
        limit: float = 120,
    ) -> Execution:
        """Run an execution with the input `given` to its end, which must come within `limit` seconds of real time.

        Without `causes`, the error that a state's Catch gets has no Cause, as that of some errors in AWS.
        """
        with self._turn:
            self._targets, self._causes = targets, causes
            machine = self._machine(json.dumps(definition))
            machine.executions.clear()  # names may be used again
            backend = stepfunctions_parser_backends[settings.ACCOUNT][settings.REGION]
            execution: Any = backend.start_execution(
                machine.arn, name, json.dumps({} if given is None else given)
            )
            _wait(execution, limit)
            return _ended(execution)

    def _machine(self, definition: str) -> Any:
        """The machine of a definition, created on first use: checking one takes longer than running it."""
        backend = stepfunctions_parser_backends[settings.ACCOUNT][settings.REGION]
        if definition not in self._machines:
            made = backend.create_state_machine(
                name=f"machine-{len(self._machines)}", definition=definition, roleArn=ROLE_ARN
            )
            self._machines[definition] = made.arn
        return backend.describe_state_machine(self._machines[definition])

    def _install_causes(self) -> None:
        complete = ExecutionState._construct_error_output_value

        def error_output(failure_event: Any) -> Any:
            found = complete(failure_event)
            return found if self._causes else {"Error": found["Error"]}

        reason = "moto always gives a Cause, AWS does not"
        replace(ExecutionState, "_construct_error_output_value", staticmethod(error_output), reason=reason)


def _wait(execution: Any, limit: float) -> None:
    deadline = time.monotonic() + limit
    while execution.status == "RUNNING":
        if time.monotonic() > deadline:
            raise LocalAwsError(f"the execution is still running after {limit} s")
        time.sleep(POLL_SECONDS)


def _ended(execution: Any) -> Execution:
    events = tuple(execution.exec_worker.env.event_manager._history_event_list)
    output = execution.output if execution.status == "SUCCEEDED" else None
    return Execution(execution.status, output, execution.error, execution.cause, events)
