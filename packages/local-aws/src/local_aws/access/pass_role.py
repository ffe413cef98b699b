"""What Lambda and Step Functions check of a role when a function or a state machine is created or updated."""

import re
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend
from moto.core.exceptions import AWSError
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from local_aws.access.evaluation import Permission
from local_aws.access.guard import Guard
from local_aws.access.services.logs import DELIVERY
from local_aws.access.telemetry import send_trace
from local_aws.emulator.patching import replace

LAMBDA, STATES = "lambda.amazonaws.com", "states.amazonaws.com"
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
NETWORK = (
    "CreateNetworkInterface",
    "DescribeNetworkInterfaces",
    "DescribeSubnets",
    "DeleteNetworkInterface",
    "AssignPrivateIpAddresses",
    "UnassignPrivateIpAddresses",
)
# https://docs.aws.amazon.com/step-functions/latest/dg/stepfunctions-iam.html
MANAGED_RULE = "StepFunctionsGetEventsForStepFunctionsExecutionRule"
MANAGED_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
CHILD = re.compile(r"states:startExecution\.sync")


class AccessDenied(AWSError):  # noqa: N818 - the name is the error code
    """The error of Step Functions for a role without a permission."""

    TYPE = "AccessDeniedException"
    STATUS = 400


def install(guard: Guard) -> None:
    """Check the role before the emulator stores the resource."""
    if not guard.enforced:
        return
    reason = "moto does not check roles"
    for name in ("create_function", "update_function_configuration"):
        original = getattr(LambdaBackend, name)
        replace(LambdaBackend, name, function_checker(original, guard), reason=reason)
    backend = StepFunctionsParserBackend
    replace(
        backend,
        "create_state_machine",
        new_machine_checker(backend.create_state_machine, guard),
        reason=reason,
    )
    replace(
        backend,
        "update_state_machine",
        changed_machine_checker(backend.update_state_machine, guard),
        reason=reason,
    )
    replace(
        backend,
        "start_execution",
        execution_starter(backend.start_execution, guard),
        reason="moto sends no traces",
    )


def function_checker(original: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    """CreateFunction or UpdateFunctionConfiguration that checks trust, and permissions for a VPC."""

    def checked(self: Any, *arguments: Any, **named: Any) -> Any:
        spec: Any = next(item for item in (*reversed(arguments), *named.values()) if isinstance(item, dict))
        name = spec.get("FunctionName") or next(
            (item for item in (*arguments, *named.values()) if isinstance(item, str)), ""
        )
        role = spec.get("Role") or _current_role(self, name)
        if spec.get("Role"):
            _check_trust(guard, role)
        if (spec.get("VpcConfig") or {}).get("SubnetIds"):
            _check_network(guard, role, name)
        return original(self, *arguments, **named)

    return checked


def _current_role(backend: Any, name: str) -> str:
    role: str = backend.get_function(name).role
    return role


def _check_trust(guard: Guard, role: str) -> None:
    if not guard.role_trusts(role, "Service", LAMBDA):
        raise InvalidParameterValueException("The role defined for the function cannot be assumed by Lambda.")


def _check_network(guard: Guard, role: str, name: str) -> None:
    for action in NETWORK:
        if not guard.role_allows(role, name, Permission(f"ec2:{action}")):
            raise InvalidParameterValueException(
                f"The provided execution role does not have permissions to call {action} on EC2"
            )


def new_machine_checker(original: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    """CreateStateMachine that checks trust, and permissions for logging and child executions."""

    def create_state_machine(self: Any, **given: Any) -> Any:
        check_machine(
            guard,
            given["roleArn"],
            str(given.get("definition") or ""),
            given.get("loggingConfiguration") or {},
            self,
        )
        return original(self, **given)

    return create_state_machine


def changed_machine_checker(original: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    """UpdateStateMachine with the same checks. A field that the update omits keeps its value."""

    def update_state_machine(self: Any, arn: str, **given: Any) -> Any:
        held: Any = self.describe_state_machine(arn)
        check_machine(
            guard,
            given.get("role_arn") or held.roleArn,
            str(given.get("definition") or held.definition),
            given.get("logging_configuration") or held.loggingConfiguration or {},
            self,
        )
        return original(self, arn, **given)

    return update_state_machine


def check_machine(guard: Guard, role: str, definition: str, logging: dict[str, Any], backend: Any) -> None:
    """Raise `AccessDenied` with the message of Step Functions."""
    if not guard.role_trusts(role, "Service", STATES):
        raise AccessDenied(
            f"Neither the global service principal {STATES}, nor the regional one is authorized to assume the "
            f"provided role."
        )
    if logging.get("level", "OFF") != "OFF" and not all(
        guard.role_allows(role, "StepFunctions", Permission(action)) for action in DELIVERY
    ):
        raise AccessDenied("The state machine IAM Role is not authorized to access the Log Destination")
    if CHILD.search(definition):
        rule = f"arn:aws:events:{backend.region_name}:{backend.account_id}:rule/{MANAGED_RULE}"
        if not all(
            guard.role_allows(role, "StepFunctions", Permission(action, rule))
            for action in MANAGED_RULE_ACTIONS
        ):
            raise AccessDenied(f"'{role}' is not authorized to create managed-rule.")


def execution_starter(original: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    """StartExecution that sends a trace when tracing is on."""

    def start_execution(self: Any, *arguments: Any, **named: Any) -> Any:
        execution = original(self, *arguments, **named)
        tracing = getattr(execution.state_machine, "tracingConfiguration", None) or {}
        if tracing.get("enabled"):
            send_trace(guard, execution.role_arn, "StepFunctions", execution.state_machine.arn, sampled=True)
        return execution

    return start_execution
