"""The target of StartExecution: the current machine, a version, or an alias's version drawn by weight.

moto 5.2.5 cannot start a version or an alias, and forgets what an execution was started with.
"""

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import StateMachineDoesNotExist
from moto.stepfunctions.models import StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse
from moto.stepfunctions.utils import PAGINATION_MODEL
from moto.utilities.paginator import paginate

from local_aws.emulator.patching import replace
from local_aws.patches.stepfunctions.machines import with_revision


@dataclass(frozen=True, slots=True)
class Target:
    """The machine of an execution, the snapshot that it runs, and the version and alias of its start."""

    machine: Any
    runs: Any
    version_arn: str | None = None
    alias_arn: str | None = None

    def snapshot(self) -> Any:
        """A shallow copy of the machine: later updates replace attributes and do not change them in place."""
        taken = copy.copy(self.runs)
        taken.arn = self.machine.arn
        taken.executions = []
        return taken


def install() -> None:
    """Make executions readable by the qualified ARNs of their start."""
    listed = paginate(pagination_model=PAGINATION_MODEL)(list_executions)
    replace(StepFunctionBackend, "list_executions", listed, reason="versions have no executions of their own")
    response = StepFunctionResponse
    replace(response, "list_executions", respond_list, reason="no version, no alias, not by them either")
    describe = response.describe_execution
    replace(response, "describe_execution", naming(describe), reason="no version, no alias")
    reason = "answers the machine as it is now, not as the execution runs it"
    replace(response, "describe_state_machine_for_execution", describe_machine_run, reason=reason)


def target_of(backend: Any, arn: str) -> Target:
    """The target that an ARN of a machine, a version or an alias names."""
    backend._validate_machine_arn(arn)
    base = ":".join(arn.split(":")[:7])
    qualifier = arn.removeprefix(base).removeprefix(":")
    machine = next((one for one in backend.state_machines if one.arn == base), None)
    if machine is None:
        raise StateMachineDoesNotExist(f"State Machine Does Not Exist: '{arn}'")
    if not qualifier:
        return Target(machine, machine)
    alias = machine.aliases.get(qualifier)
    version_arn = choose_by_weight(alias.routing_configuration) if alias else arn
    number = version_arn.rpartition(":")[2]
    version = machine.versions.get(int(number)) if number.isdecimal() else None
    if version is None:
        raise StateMachineDoesNotExist(f"State Machine Does Not Exist: '{arn}'")
    return Target(machine, version, version.arn, alias.arn if alias else None)


def choose_by_weight(routing: list[dict[str, Any]]) -> str:
    """The ARN of one of the versions, by weight."""
    weights = [route["weight"] for route in routing]
    return str(random.choices(routing, weights)[0]["stateMachineVersionArn"])  # noqa: S311 - routing, no secret


def list_executions(self: Any, state_machine_arn: str, status_filter: str | None = None) -> list[Any]:
    """The executions of a machine, or those started as a version or by an alias; the newest first."""
    machine = target_of(self, state_machine_arn).machine
    found = [
        execution
        for execution in machine.executions
        if (state_machine_arn == machine.arn or state_machine_arn in names_of(execution).values())
        and status_filter in (None, execution.status)
    ]
    return sorted(found, key=lambda execution: execution.start_date, reverse=True)


def names_of(execution: Any) -> dict[str, str]:
    """The version and the alias of an execution, as the API answers them."""
    target = execution.target
    names = {"stateMachineVersionArn": target.version_arn, "stateMachineAliasArn": target.alias_arn}
    return {key: arn for key, arn in names.items() if arn}


def naming(describe: Callable[[Any], ActionResult]) -> Callable[[Any], ActionResult]:
    """DescribeExecution with version and alias."""

    def describe_execution(self: Any) -> ActionResult:
        answer: Any = describe(self).result
        execution = self.stepfunction_backend.describe_execution(answer["executionArn"])
        return ActionResult({**answer, **names_of(execution)})

    return describe_execution


def respond_list(self: Any) -> ActionResult:
    """The ListExecutions action, for a machine, a version or an alias."""
    executions, token = self.stepfunction_backend.list_executions(
        state_machine_arn=self._get_param("stateMachineArn"),
        status_filter=self._get_param("statusFilter"),
        max_results=self._get_int_param("maxResults"),
        next_token=self._get_param("nextToken"),
    )
    return ActionResult({"executions": [shown(execution) for execution in executions], "nextToken": token})


def shown(execution: Any) -> dict[str, Any]:
    """An execution as an item of a list."""
    status = execution.status
    item = {
        "executionArn": execution.execution_arn,
        "name": execution.name,
        "startDate": execution.start_date,
        "stateMachineArn": execution.state_machine_arn,
        "status": status,
        **names_of(execution),
    }
    return item if status == "RUNNING" else {**item, "stopDate": execution.stop_date}


def describe_machine_run(self: Any) -> ActionResult:
    """DescribeStateMachineForExecution: the snapshot that the execution runs."""
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    machine = execution.state_machine
    answer = {
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "definition": machine.definition,
        "roleArn": machine.roleArn,
        "updateDate": machine.update_date,
        "loggingConfiguration": machine.loggingConfiguration,
        "tracingConfiguration": machine.tracingConfiguration,
    }
    return ActionResult(with_revision(answer, machine))
