"""The committed scenarios: the EDV pipeline does what they say, and they walk every branch of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scripted import NAMES

from statemachine import EdvSettings, edv_pipeline
from stepfunctions_local_test.program import Options, prove
from stepfunctions_local_test.result import Result

SCENARIOS = Path(__file__).parents[1] / "scenarios"
# As deployed: the job's limit of two hours and the ten minutes that the state waits longer.
SETTINGS = EdvSettings(glue_timeout_seconds=7800)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    file = tmp_path_factory.mktemp("states") / "machines.json"
    file.write_text(json.dumps({"machines": {"FSA-TEST-CARS-EDV-Pipeline": edv_pipeline(NAMES, SETTINGS)}}))
    return prove(Options(file, SCENARIOS, ("embedded",)), lambda outcome: None)


def test_every_scenario_does_what_it_says(result: Result) -> None:
    assert [(one.scenario.name, one.problems) for one in result.compared if one.problems] == []
    assert len(result.compared) == len(list(SCENARIOS.glob("*/[!_]*.yaml")))


def test_every_branch_is_walked_or_has_a_reason(result: Result) -> None:
    (coverage,) = result.coverages
    assert [item.text for item in coverage.missing] == []
    assert coverage.problems == ()
    assert {item.state for item in coverage.exceptions} == {"ProcessStageTables", "ProcessEDVGroups"}


def test_twenty_staging_tables_and_ten_vault_tables_go_at_once(result: Result) -> None:
    many = next(one for one in result.compared if one.scenario.name == "three-hundred-tables")
    (outcome,) = many.outcomes
    assert outcome.simulated == (300 / 20 + 30 / 10 + 20 / 10) * 60


def test_nothing_at_all_is_wrong(result: Result) -> None:
    assert list(result.problems()) == []
