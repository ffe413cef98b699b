"""Small machines with every kind of branch, and scenarios made of plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.history import Replay, replay
from stepfunctions_local_test.scenarios import Expectation, Scenario, Suite

INVOKE = "arn:aws:states:::lambda:invoke"


def task(following: str | None, **more: Any) -> dict[str, Any]:
    """A call of a function, its answer's Payload put at `$.answer`."""
    after = {"Next": following} if following else {"End": True}
    return {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": "f", "Payload.$": "$"},
        "ResultSelector": {"value.$": "$.Payload.value"},
        "ResultPath": "$.answer",
        "TimeoutSeconds": 10,
        **after,
        **more,
    }


RETRY = [
    {"ErrorEquals": ["Busy"], "MaxAttempts": 2, "IntervalSeconds": 1},
    {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1, "IntervalSeconds": 1},
]
CATCH = [
    {"ErrorEquals": ["Known", "States.DataLimitExceeded"], "ResultPath": "$.error", "Next": "Recovered"},
    {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Broken"},
]

ASKING: dict[str, Any] = {
    "StartAt": "Ask",
    "States": {
        "Ask": task("Much", Retry=RETRY, Catch=CATCH),
        "Much": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.answer.value", "NumericGreaterThan": 10, "Next": "Each"},
                {
                    "And": [
                        {"Variable": "$.answer.value", "IsNumeric": True},
                        {"Variable": "$.answer.value", "NumericLessThan": 0},
                    ],
                    "Next": "Broken",
                },
            ],
            "Default": "Recovered",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 5,
            "ItemSelector": {"name.$": "$$.Map.Item.Value"},
            "ItemProcessor": {
                "StartAt": "Call",
                "States": {
                    "Call": task(
                        "Good",
                        Catch=[{"ErrorEquals": ["Known"], "ResultPath": None, "Next": "Bad"}],
                        ResultSelector={"Payload.$": "$.Payload"},
                    ),
                    "Good": {"Type": "Pass", "End": True},
                    "Bad": {"Type": "Pass", "End": True},
                },
            },
            "ResultPath": "$.results",
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Broken"}],
            "Next": "Recovered",
        },
        "Recovered": {"Type": "Succeed"},
        "Broken": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"},
    },
}

NAME = "X-Asking"
GRAPH = Graph.of(NAME, ASKING)


def returns(**payload: Any) -> dict[str, Any]:
    """An attempt that succeeds."""
    return {"Return": {"StatusCode": 200, "Payload": payload}}


def throws(error: str) -> dict[str, Any]:
    """An attempt that fails."""
    return {"Throw": {"Error": error, "Cause": "because"}}


@dataclass
class Made:
    """A suite of scenarios made of plain data: tasks with their attempts."""

    graph: Graph = GRAPH
    scenarios: list[Scenario] = field(default_factory=list)
    responses: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, tasks: Mapping[str, Any], given: Any = None, **more: Any) -> None:
        answers = {state: f"{name}.{state}" for state in tasks}
        self.responses |= {f"{name}.{state}": attempts for state, attempts in tasks.items()}
        expect = more.pop("expect", Expectation("SUCCEEDED"))
        made = Scenario(
            name, name, given or {}, answers, frozenset(tasks), more.pop("takes", {}), expect, **more
        )
        self.scenarios.append(made)

    @property
    def suite(self) -> Suite:
        return Suite(self.graph, tuple(self.scenarios), self.responses)


def history(*events: tuple[int, str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Events numbered from 1: (previous, type, details)."""
    return [
        {
            "id": number,
            "previousEventId": before,
            "type": kind,
            f"{_details(kind)}EventDetails": dict(details),
        }
        for number, (before, kind, details) in enumerate(events, 1)
    ]


def _details(kind: str) -> str:
    if kind.endswith("StateEntered"):
        return "stateEntered"
    if kind.endswith("StateExited"):
        return "stateExited"
    return f"{kind[0].lower()}{kind[1:]}"


def replay_of(graph: Graph, events: Sequence[dict[str, Any]]) -> Replay:
    """The replay of a made history."""
    return replay(graph, events)
