"""Runs the scenarios of machines on one engine: creates machines, starts executions, waits, reads histories."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from stepfunctions_local_test.engines import Engine
from stepfunctions_local_test.errors import StatesError
from stepfunctions_local_test.history import replay
from stepfunctions_local_test.running.outcome import Outcome
from stepfunctions_local_test.scenarios import Scenario, Suite
from stepfunctions_local_test.scenarios.mock_config import mock_config
from stepfunctions_local_test.scenarios.variations import definition_of, name_of

ROLE_ARN = "arn:aws:iam::111122223333:role/states"
SHOWN = 500  # characters of a refusal
LONGEST_SECONDS = 120  # of real time, for one execution
SHORTEST_LOOK, LONGEST_LOOK = 0.002, 0.1
Listener = Callable[[Outcome], None]


def run(suites: Sequence[Suite], engine: Engine, listener: Listener = lambda outcome: None) -> list[Outcome]:
    """The outcomes of all scenarios for this engine; `listener` gets each one when it ends."""
    chosen = [
        (suite, scenario)
        for suite in suites
        for scenario in suite.scenarios
        if engine.name in scenario.engines
    ]
    if not chosen:
        return []
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "mock-config.json"
        config.write_text(json.dumps(mock_config(suites, seconds=engine.simulated)), encoding="utf-8")
        with engine.serve(config) as client, ThreadPoolExecutor(engine.at_once) as pool:
            arns = _create(client, chosen)
            outcomes = []
            for outcome in pool.map(lambda one: _one(client, engine, arns, *one), chosen):
                listener(outcome)
                outcomes.append(outcome)
            return outcomes


def _create(client: Any, chosen: Sequence[tuple[Suite, Scenario]]) -> dict[str, str]:
    """Create each machine of the scenarios once: name -> ARN."""
    arns: dict[str, str] = {}
    for suite, scenario in chosen:
        name = name_of(suite.graph.name, scenario)
        if name not in arns:
            definition = json.dumps(definition_of(suite.graph.definition, scenario))
            arns[name] = _made(client, name, definition)
    return arns


def _made(client: Any, name: str, definition: str) -> str:
    try:
        made = client.create_state_machine(name=name, definition=definition, roleArn=ROLE_ARN)
    except ClientError as error:
        said = error.response["Error"]
        raise StatesError(
            f"the engine refuses {name}: {said['Code']}: {said.get('Message', '')[:SHOWN]}"
        ) from error
    return str(made["stateMachineArn"])


def _one(client: Any, engine: Engine, arns: Mapping[str, str], suite: Suite, scenario: Scenario) -> Outcome:
    began = time.monotonic()
    arn = arns[name_of(suite.graph.name, scenario)]
    started = client.start_execution(
        stateMachineArn=f"{arn}#{scenario.case}", name=scenario.name, input=json.dumps(scenario.input)
    )
    ended = _ended(client, started["executionArn"], scenario)
    events = list(_events(client, started["executionArn"]))
    lasted = (ended["stopDate"] - ended["startDate"]).total_seconds()
    return Outcome(
        machine=suite.graph.name,
        scenario=scenario,
        engine=engine.name,
        status=ended["status"],
        output=ended.get("output"),
        error=ended.get("error"),
        cause=ended.get("cause"),
        replay=replay(suite.graph, events),
        real=time.monotonic() - began,
        simulated=lasted if engine.simulated else None,
    )


def _ended(client: Any, arn: str, scenario: Scenario) -> dict[str, Any]:
    """Wait for the end of an execution and describe it. Raises StatesError after LONGEST_SECONDS."""
    deadline, look = time.monotonic() + LONGEST_SECONDS, SHORTEST_LOOK
    while True:
        answer: dict[str, Any] = client.describe_execution(executionArn=arn)
        if answer["status"] != "RUNNING":
            return answer
        if time.monotonic() > deadline:
            raise StatesError(f"scenario {scenario.name} has not ended after {LONGEST_SECONDS} s: {arn}")
        time.sleep(look)
        look = min(look * 2, LONGEST_LOOK)


def _events(client: Any, arn: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("get_execution_history").paginate(executionArn=arn):
        yield from page["events"]
