"""CloudFormation: the other APIs find the resources of a stack."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.iam.models import Role
from moto.stepfunctions import models as state_machines
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.utils import cfn_to_api_tags

from local_aws.emulator.patching import replace


def install() -> None:
    """Store a stack's state machines in the backend that executes them, and its inline policies as JSON."""
    replace(
        state_machines,
        "stepfunctions_backends",
        stepfunctions_parser_backends,
        reason="a stack's state machines land where nothing is executed, and no API call finds them",
    )
    replace(
        state_machines.StateMachine,
        "create_from_cloudformation_json",
        classmethod(create_machine),
        reason="logging, tracing and type are dropped",
    )
    replace(
        Role,
        "put_policy",
        putting(Role.put_policy),
        reason="a stack's inline policies are kept as Python prints a dictionary, which is no JSON",
    )


def create_machine(
    _: type,
    /,
    resource_name: str,
    cloudformation_json: Any,
    account_id: str,
    region_name: str,
    **_options: Any,
) -> Any:
    """The machine of a template. Only `DefinitionString` is read, no other form of a definition."""
    wanted: Mapping[str, Any] = cloudformation_json["Properties"]
    return stepfunctions_parser_backends[account_id][region_name].create_state_machine(
        name=wanted.get("StateMachineName", resource_name),
        definition=wanted.get("DefinitionString", ""),
        roleArn=wanted.get("RoleArn", ""),
        tags=cfn_to_api_tags(wanted.get("Tags", [])),
        loggingConfiguration=as_api(wanted.get("LoggingConfiguration")),
        tracingConfiguration=as_api(wanted.get("TracingConfiguration")),
        sm_type=wanted.get("StateMachineType"),
    )


def as_api(properties: Any) -> Any:
    """Names as the API spells them: `IncludeExecutionData` is `includeExecutionData` there."""
    if isinstance(properties, Mapping):
        return {name[0].lower() + name[1:]: as_api(value) for name, value in properties.items()}
    return [as_api(item) for item in properties] if isinstance(properties, list) else properties


def putting(put: Callable[[Any, str, str], None]) -> Callable[[Any, str, Any], None]:
    """`Role.put_policy` for a document that a template holds as an object."""

    def put_policy(role: Any, policy_name: str, policy_json: Any) -> None:
        put(role, policy_name, policy_json if isinstance(policy_json, str) else json.dumps(policy_json))

    return put_policy
