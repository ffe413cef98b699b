"""Mocked tasks: an execution started at `{machine ARN}#{test case}` gets its answers from a file.

moto 5.2.5 never reads a file, and would count the retries of a state where Step Functions Local counts its invocations
(https://github.com/localstack/localstack/issues/12846).
"""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.mocking.mock_config import (
    MockedResponse,
    MockedResponseReturn,
    MockedResponseThrow,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local_aws.asl import levels
from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.refusals import ValidationError
from local_aws.simulation.mock_config import MockConfig, MockConfigError, Response, Returned, TestCase

TIMEOUT = "States.Timeout"
# What the execution that is being started in this thread answers.
_STARTING: ContextVar["Mocked | None"] = ContextVar("mocked execution", default=None)


class AbandonedError(Exception):
    """The task of a mocked answer ended before the answer."""


class Mocked:
    """The mocked states of one execution, with the number of their next invocation; what moto asks a test case for."""

    def __init__(self, case: TestCase, limits: Mapping[str, int]) -> None:
        self.state_mocked_responses = case.responses
        self._case = case
        self._limits = limits
        self._invocations: Counter[str] = Counter()
        self._lock = threading.Lock()

    def next_response(self, state: str) -> tuple[Response, float]:
        """What the state answers at this invocation, and after how many simulated seconds."""
        with self._lock:
            number = self._invocations[state]
            self._invocations[state] += 1
        responses = self._case.responses[state]
        if number >= len(responses):
            raise MockConfigError(
                f"test case {self._case.name} has no answer for invocation {number} of {state}, "
                f"only for 0 to {len(responses) - 1}"
            )
        response = responses[number]
        if not isinstance(response, Returned) and response.error == TIMEOUT:
            return response, self._limits.get(state, 0)
        return response, self._case.seconds.get(state, 0)


def install(config: Path | None, *, sleep: Callable[[float], None] | None = None) -> None:
    """Read test cases from `config`, anew for every execution; `sleep` lets an answer take its simulated time."""
    start = StepFunctionsParserBackend.start_execution

    def start_execution(self: Any, state_machine_arn: str, *arguments: Any, **named: Any) -> Any:
        arn, _, case = state_machine_arn.partition("#")
        mocked = _mocked(config, self.describe_state_machine(arn), case) if case else None
        token = _STARTING.set(mocked)
        try:
            return start(self, arn, *arguments, **named)
        finally:
            _STARTING.reset(token)

    make_worker = Execution._get_start_execution_worker

    def worker(self: Execution) -> Any:
        made: Any = make_worker(self)
        made._mock_test_case = _STARTING.get()
        return made

    def response(self: Environment) -> MockedResponse:
        mocked: Any = self.mock_test_case
        found, seconds = mocked.next_response(self.next_state_name)
        if sleep and seconds:
            sleep(seconds)
            if not self.is_running():
                raise AbandonedError
        return _as_moto(found)

    reason = "no file of mocked responses is read"
    replace(StepFunctionsParserBackend, "start_execution", start_execution, reason=reason)
    replace(Execution, "_get_start_execution_worker", worker, reason=reason)
    reason = "counts retries instead of invocations"
    replace(Environment, "get_current_mocked_response", response, reason=reason)


def _mocked(config: Path | None, machine: Any, case: str) -> Mocked:
    if config is None:
        raise ValidationError(
            f"test case {case!r} was asked for, but no mock configuration is given (SFN_MOCK_CONFIG)"
        )
    try:
        found = MockConfig.read(config).case(machine.name, case)
    except MockConfigError as error:
        raise ValidationError(str(error)) from error
    definition = json.loads(machine.definition)
    known = {name for _, level in levels(definition) for name in level["States"]}
    if strange := sorted((found.responses.keys() | found.seconds.keys()) - known):
        raise ValidationError(
            f"test case {case} of {machine.name} names states it does not have: {', '.join(strange)}"
        )
    return Mocked(found, dict(time_limits(definition)))


def time_limits(machine: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """The states of a machine, of all levels, that have a fixed time limit, with its seconds."""
    for _, level in levels(machine):
        for name, state in level["States"].items():
            if "TimeoutSeconds" in state:
                yield name, state["TimeoutSeconds"]


def _as_moto(response: Response) -> MockedResponse:
    if isinstance(response, Returned):
        return MockedResponseReturn(0, 0, response.value)
    return MockedResponseThrow(0, 0, response.error, response.cause)
