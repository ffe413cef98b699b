"""Scenarios as the mock configuration that AWS documents for Step Functions Local (SFN_MOCK_CONFIG).

https://docs.aws.amazon.com/step-functions/latest/dg/sfn-local-mock-cfg-file.html
"""

from collections.abc import Sequence
from typing import Any

from stepfunctions_local_test.scenarios.folder import Suite
from stepfunctions_local_test.scenarios.model import Scenario
from stepfunctions_local_test.scenarios.variations import name_of


def mock_config(suites: Sequence[Suite], *, seconds: bool = False) -> dict[str, Any]:
    """{"StateMachines", "MockedResponses"} of all scenarios.

    With `seconds` each machine also has the durations of tasks, which Step Functions Local does not support.
    Responses get numbers when two machines use one name for different ones.
    """
    machines: dict[str, dict[str, Any]] = {}
    responses: dict[str, Any] = {}
    for suite in suites:
        for scenario in suite.scenarios:
            machine = machines.setdefault(name_of(suite.graph.name, scenario), {"TestCases": {}})
            machine["TestCases"][scenario.case] = _case(suite, scenario, responses)
            if seconds and scenario.takes:
                machine.setdefault("Seconds", {})[scenario.case] = dict(scenario.takes)
    return {"StateMachines": machines, "MockedResponses": responses}


def _case(suite: Suite, scenario: Scenario, responses: dict[str, Any]) -> dict[str, str]:
    return {state: _place(responses, name, suite.responses[name]) for state, name in scenario.answers.items()}


def _place(responses: dict[str, Any], name: str, attempts: Any) -> str:
    free, number = name, 1
    while responses.setdefault(free, attempts) != attempts:
        number += 1
        free = f"{name}{number}"
    return free
