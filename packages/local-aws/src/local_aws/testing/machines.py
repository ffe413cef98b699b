import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

from local_aws.server import LocalAws

ROLE = "arn:aws:iam::111122223333:role/states"


def passing(result: Any) -> str:
    """A definition with one state that answers `result`."""
    state = {"Type": "Pass", "Result": result, "End": True}
    return json.dumps({"StartAt": "Only", "States": {"Only": state}})


def ended(states: Any, execution: str, seconds: float = 20) -> dict[str, Any]:
    """The description of an execution that has ended."""
    deadline = time.monotonic() + seconds
    while True:
        answer: dict[str, Any] = states.describe_execution(executionArn=execution)
        if answer["status"] != "RUNNING":
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"{execution} still runs after {seconds} s")
        time.sleep(0.01)


@dataclass
class Machine:
    """A state machine of its own, and short words for what the tests do with it."""

    aws: LocalAws

    def __post_init__(self) -> None:
        self.api = self.aws.client("stepfunctions")
        self.name = f"v-{uuid.uuid4().hex[:8]}"
        created = self.api.create_state_machine(name=self.name, definition=passing("first"), roleArn=ROLE)
        self.arn: str = created["stateMachineArn"]

    def update(self, result: Any, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.api.update_state_machine(
            stateMachineArn=self.arn, definition=passing(result), **options
        )
        return answer

    def publish(self, **options: Any) -> str:
        answer = self.api.publish_state_machine_version(stateMachineArn=self.arn, **options)
        return str(answer["stateMachineVersionArn"])

    def alias(self, name: str, *routes: tuple[str, int], **options: Any) -> str:
        routing = [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in routes]
        answer = self.api.create_state_machine_alias(name=name, routingConfiguration=routing, **options)
        return str(answer["stateMachineAliasArn"])

    def run(self, arn: str) -> dict[str, Any]:
        """The description of an execution that has ended."""
        execution = self.api.start_execution(stateMachineArn=arn)["executionArn"]
        return ended(self.api, execution)
