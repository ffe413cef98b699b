"""A machine with every kind of way: around a map in a map, two branches, a loop back, shared and crossing lanes."""

from typing import Any

from stepfunctions_local_test.graph import Graph

LAMBDA = "arn:aws:lambda:us-east-1:111122223333:function:FSA-SECRET-Load"


def _caught(*errors: str, to: str) -> list[dict[str, Any]]:
    return [{"ErrorEquals": [error], "Next": to} for error in errors]


def _level(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def _is(value: str, to: str) -> dict[str, Any]:
    return {"Variable": "$.kind", "StringEquals": value, "Next": to}


TABLE = _level(
    Load={
        "Type": "Task",
        "Resource": "arn:aws:states:::glue:startJobRun.sync",
        "Catch": _caught("Glue.X", "States.ALL", to="Failed"),
        "Next": "Loaded",
    },
    Loaded={"Type": "Pass", "End": True},
    Failed={"Type": "Pass", "End": True},
)
DEFINITION: dict[str, Any] = _level(
    Ask={"Type": "Task", "Resource": LAMBDA, "Catch": _caught("States.ALL", to="Tell"), "Next": "Which"},
    Which={
        "Type": "Choice",
        "Choices": [_is("one", "Groups"), _is("two", "Both"), _is("three", "Both"), _is('<&">', "Done")],
        "Default": "Pause",
    },
    Pause={"Type": "Wait", "Seconds": 5, "Next": "Ask"},
    Groups={
        "Type": "Map",
        "ItemsPath": "$.groups",
        "MaxConcurrency": 1,
        "ItemProcessor": _level(Tables={"Type": "Map", "ItemProcessor": TABLE, "End": True}),
        "Catch": _caught("States.ALL", to="Tell"),
        "Next": "Done",
    },
    Both={
        "Type": "Parallel",
        "Branches": [_level(Left={"Type": "Pass", "End": True}), _level(Right={"Type": "Pass", "End": True})],
        "Next": "Done",
    },
    Done={"Type": "Succeed"},
    Tell={"Type": "Pass", "Next": "Lost"},
    Lost={"Type": "Fail", "Error": "E"},
)
GRAPH = Graph.of("Every", DEFINITION)
