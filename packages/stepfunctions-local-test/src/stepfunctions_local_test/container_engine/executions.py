"""Forwards executions to a container: starts them there and reads their state there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.api import without_data
from local_aws.patches.stepfunctions.executions import checked_input, checked_name
from local_aws.patches.stepfunctions.targets import Target, names_of, target_of
from stepfunctions_local_test.container_engine.mirror import Mirror

REASON = "executions run in the container"
CALLBACKS = {
    "send_task_success": ("taskToken", "output"),
    "send_task_failure": ("taskToken", "error", "cause"),
    "send_task_heartbeat": ("taskToken",),
}


@dataclass(slots=True)
class RemoteExecution:
    """The endpoint's part of an execution; the container has its status and result."""

    name: str
    execution_arn: str
    execution_input: str
    start_date: datetime
    state_machine: Any  # the snapshot that it runs
    target: Target
    states: Any
    _ended: dict[str, Any] | None = None

    @property
    def state_machine_arn(self) -> str:
        """The machine's ARN, without a qualifier."""
        return str(self.state_machine.arn)

    @property
    def role_arn(self) -> str:
        """The machine's role."""
        return str(self.state_machine.roleArn)

    @property
    def status(self) -> str:
        """The status of the execution."""
        return str(self.describe()["status"])

    @property
    def stop_date(self) -> datetime | None:
        """When it ended."""
        return self.describe().get("stopDate")

    def describe(self) -> dict[str, Any]:
        """The container's DescribeExecution; the answer of an ended execution is cached."""
        if self._ended is not None:
            return self._ended
        answer: dict[str, Any] = self.states.describe_execution(executionArn=self.execution_arn)
        answer.pop("ResponseMetadata", None)
        if answer["status"] != "RUNNING":
            self._ended = answer
        return answer


def install(mirror: Mirror) -> None:
    """Replace the operations that start, describe and stop executions, and those of task tokens."""
    replace(StepFunctionsParserBackend, "start_execution", starter(mirror), reason=REASON)
    response = StepFunctionResponse
    replace(response, "describe_execution", describe_execution, reason=REASON)
    replace(response, "get_execution_history", translated(history), reason=REASON)
    replace(response, "stop_execution", translated(stop), reason=REASON)
    for name, parameters in CALLBACKS.items():
        replace(response, name, translated(callback(mirror, name, parameters)), reason=REASON)


def starter(mirror: Mirror) -> Callable[..., RemoteExecution]:
    """StartExecution of a machine, a version, an alias, or a test case of a mock configuration."""

    def start_execution(
        self: Any,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        *_: Any,
    ) -> RemoteExecution:
        arn, _hash, case = state_machine_arn.partition("#")
        target = target_of(self, arn)
        machine, name, given = target.machine, checked_name(name), checked_input(execution_input)
        with mirror.only(machine):
            known: RemoteExecution | None = machine._handle_name_input_idempotency(name, given)
            if known is not None:
                return known
            runs = target.snapshot()
            began = mirror.start(machine, runs, name, given, case=case)
            execution_arn = f"{machine.arn.replace(':stateMachine:', ':execution:', 1)}:{name}"
            execution = RemoteExecution(name, execution_arn, given, began, runs, target, mirror.states)
            machine.executions.append(execution)
        return execution

    return translated(start_execution)


def translated(call: Callable[..., Any]) -> Callable[..., Any]:
    """`call` with the container's errors translated into errors of the endpoint."""

    @wraps(call)
    def answer(*arguments: Any, **named: Any) -> Any:
        try:
            return call(*arguments, **named)
        except ClientError as error:
            said = error.response["Error"]
            raise AWSError(said.get("Message", ""), said["Code"]) from error

    return answer


def describe_execution(self: Any) -> ActionResult:
    """DescribeExecution: the container's answer, with the endpoint's version and alias."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    return ActionResult({**execution.describe(), **names_of(execution)})


def history(self: Any) -> ActionResult:
    """GetExecutionHistory: a page of the container's."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    given = {name: self._get_param(name) for name in ("maxResults", "nextToken", "reverseOrder")}
    wanted = {name: value for name, value in given.items() if value is not None}
    page = execution.states.get_execution_history(executionArn=execution.execution_arn, **wanted)
    events = page["events"]
    if self._get_param("includeExecutionData") is False:
        events = [without_data(event) for event in events]
    following = {"nextToken": page["nextToken"]} if "nextToken" in page else {}
    return ActionResult({"events": events, **following})


def stop(self: Any) -> ActionResult:
    """StopExecution with error and cause."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    given = {name: self._get_param(name) for name in ("error", "cause")}
    wanted = {name: value for name, value in given.items() if value is not None}
    answer = execution.states.stop_execution(executionArn=execution.execution_arn, **wanted)
    return ActionResult({"stopDate": answer["stopDate"]})


def callback(mirror: Mirror, name: str, parameters: tuple[str, ...]) -> Callable[..., EmptyResult]:
    """SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: the container owns the tokens."""

    def send(self: Any) -> EmptyResult:
        given = {parameter: self._get_param(parameter) for parameter in parameters}
        getattr(mirror.states, name)(**{key: value for key, value in given.items() if value is not None})
        return EmptyResult()

    return send
