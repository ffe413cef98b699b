import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

ROLE = "arn:aws:iam::111122223333:role/states"
INVOKE = "arn:aws:states:::lambda:invoke"


def mocked_task(**fields: Any) -> dict[str, Any]:
    """A task whose answer comes from the mock configuration."""
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f"}, **fields}


def returns(value: Any) -> dict[str, Any]:
    return {"Return": {"StatusCode": 200, "Payload": value}}


def throws(error: str, cause: str = "mocked") -> dict[str, Any]:
    return {"Throw": {"Error": error, "Cause": cause}}


@dataclass(frozen=True)
class Ended:
    """An execution that is over, with its history."""

    description: Mapping[str, Any]
    events: list[dict[str, Any]]

    @property
    def status(self) -> str:
        return str(self.description["status"])

    @property
    def output(self) -> Any:
        return json.loads(self.description["output"])

    @property
    def took(self) -> timedelta:
        took: timedelta = self.description["stopDate"] - self.description["startDate"]
        return took

    @property
    def types(self) -> list[str]:
        return [str(event["type"]) for event in self.events]


@dataclass(frozen=True)
class Scenes:
    """Runs machines whose tasks answer from a mock configuration, which is written anew for every run."""

    api: Any
    config: Path

    def run(
        self,
        states: Mapping[str, Any],
        answers: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        given: Any = None,
        seconds: Mapping[str, float] | None = None,
        case: str = "Case",
        **machine: Any,
    ) -> Ended:
        name = f"scene-{uuid.uuid4().hex[:8]}"
        definition = {"StartAt": next(iter(states)), "States": states, **machine}
        cases = {case: {state: f"{state}Answers" for state in answers or {}}}
        body = {"TestCases": cases, "Seconds": {case: dict(seconds or {})}}
        responses = {f"{state}Answers": attempts for state, attempts in (answers or {}).items()}
        self.config.write_text(
            json.dumps({"StateMachines": {name: body}, "MockedResponses": responses}), "utf-8"
        )
        arn = self.api.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
        started = self.api.start_execution(
            stateMachineArn=f"{arn['stateMachineArn']}#{case}", input=json.dumps(given or {})
        )
        return self.wait(started["executionArn"])

    def wait(self, execution: str) -> Ended:
        deadline = time.monotonic() + 30
        while True:
            found = self.api.describe_execution(executionArn=execution)
            if found["status"] != "RUNNING":
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"{execution} still runs after 30 s")
            time.sleep(0.005)
        pages = self.api.get_paginator("get_execution_history").paginate(executionArn=execution)
        return Ended(found, [event for page in pages for event in page["events"]])
