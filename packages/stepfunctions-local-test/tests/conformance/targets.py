"""The engines that are compared: each is a Step Functions API whose tasks reach the same Lambda and Glue."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local_aws.server import LocalAws
from local_aws.testing.functions import Functions
from local_aws.testing.glue import Glue

ROLE = "arn:aws:iam::111122223333:role/states"


@dataclass(frozen=True)
class Target:
    """One engine."""

    name: str
    api: Any
    aws: LocalAws
    functions: Functions
    glue: Glue

    def create(self, states: Mapping[str, Any], **options: Any) -> str:
        """The ARN of a new machine."""
        definition = {"StartAt": next(iter(states)), "States": states, **options.pop("machine", {})}
        options = {"roleArn": ROLE, "name": f"probe-{uuid.uuid4().hex[:8]}", **options}
        arn: str = self.api.create_state_machine(definition=json.dumps(definition), **options)[
            "stateMachineArn"
        ]
        return arn

    def run(self, states: Mapping[str, Any], given: Any = None, **options: Any) -> dict[str, Any]:
        """The description of an execution that has ended."""
        started = self.api.start_execution(
            stateMachineArn=self.create(states, **options), input=json.dumps(given or {})
        )
        return self.wait(started["executionArn"])

    def wait(self, execution: str) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while True:
            found: dict[str, Any] = self.api.describe_execution(executionArn=execution)
            if found["status"] != "RUNNING":
                return found
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def history(self, execution: str) -> list[dict[str, Any]]:
        pages = self.api.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def outcome(self, states: Mapping[str, Any], given: Any = None, **options: Any) -> str:
        """How an execution ends, in words: its output, or its error."""
        try:
            ended = self.run(states, given, **options)
        except ClientError as error:
            return f"refused: {error.response['Error']['Code']}"
        return (
            f"succeeds: {ended['output']}" if ended["status"] == "SUCCEEDED" else f"fails: {ended['error']}"
        )
