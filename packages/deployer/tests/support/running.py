"""Executions that run until they are stopped, pinned to a config release."""

import json
from typing import Any

from support.account import trusting_role

_HOUR = 3600


def definition(release: str) -> str:
    """A machine whose plan is pinned to a release and that then waits for an hour."""
    plan = {"Type": "Pass", "Result": {"run": {"release": release}}, "Next": "Wait"}
    states = {"BuildProcessingPlan": plan, "Wait": {"Type": "Wait", "Seconds": _HOUR, "End": True}}
    return json.dumps({"StartAt": "BuildProcessingPlan", "States": states})


def create_machine(client: Any, name: str, release: str) -> str:
    """ARN of a state machine with this definition."""
    role = trusting_role(client, f"{name}-role", "states.amazonaws.com")
    made = client("stepfunctions").create_state_machine(
        name=name, roleArn=role, definition=definition(release)
    )
    arn: str = made["stateMachineArn"]
    return arn


def start(client: Any, machine: str, name: str) -> str:
    """Starts an execution and returns when its plan is made."""
    states = client("stepfunctions")
    arn: str = states.start_execution(stateMachineArn=machine, name=name)["executionArn"]
    for _ in range(1000):
        events = states.get_execution_history(executionArn=arn)["events"]
        if any(event["type"] == "WaitStateEntered" for event in events):
            return arn
    raise AssertionError(f"{arn} does not wait: {events}")
