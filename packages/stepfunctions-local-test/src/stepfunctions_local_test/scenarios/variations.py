"""Variations of machines for scenarios: as deployed, or with every map running one item at a time."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from local_aws.asl import levels
from stepfunctions_local_test.scenarios.model import Scenario

ONE_AT_A_TIME = "-one-at-a-time"
LONGEST_NAME = 80  # CreateStateMachine, API reference


def name_of(machine: str, scenario: Scenario) -> str:
    """The machine that a scenario runs on."""
    if not scenario.one_at_a_time:
        return machine
    return machine[: LONGEST_NAME - len(ONE_AT_A_TIME)] + ONE_AT_A_TIME


def definition_of(definition: Mapping[str, Any], scenario: Scenario) -> Mapping[str, Any]:
    """The definition for a scenario: the same states, possibly with another concurrency."""
    if not scenario.one_at_a_time:
        return definition
    changed: dict[str, Any] = deepcopy(dict(definition))
    for _, machine in levels(changed):
        for state in machine["States"].values():
            if state["Type"] == "Map":
                state["MaxConcurrency"] = 1
    return changed
