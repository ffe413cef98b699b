"""The committed scenarios: the pipelines do what they say, and they walk every branch."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scripted import NAMES

from statemachine import EdvSettings, LandingSettings, edv_pipeline, landing_pipeline
from stepfunctions_local_test.program import Options, prove
from stepfunctions_local_test.result import Result

SCENARIOS = Path(__file__).parents[1] / "scenarios"
# As deployed: the job's limit of two hours and the ten minutes that the state waits longer.
MACHINES = {
    "FSA-TEST-CARS-EDV-Pipeline": edv_pipeline(NAMES, EdvSettings(glue_timeout_seconds=7800)),
    "FSA-TEST-CARS-Landing-Pipeline": landing_pipeline(NAMES, LandingSettings(glue_timeout_seconds=7800)),
}
EXCEPTIONS = {"ProcessStageTables", "ProcessEDVGroups", "Map"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    file = tmp_path_factory.mktemp("states") / "machines.json"
    file.write_text(json.dumps({"machines": MACHINES}))
    return prove(Options(file, SCENARIOS, ("embedded",)), lambda outcome: None)


def test_every_scenario_does_what_it_says(result: Result) -> None:
    assert [(one.scenario.name, one.problems) for one in result.compared if one.problems] == []
    assert len(result.compared) == len(list(SCENARIOS.glob("*/[!_]*.yaml")))


def test_every_branch_is_walked_or_has_a_reason(result: Result) -> None:
    assert len(result.coverages) == len(MACHINES)
    assert [item.text for coverage in result.coverages for item in coverage.missing] == []
    assert [problem for coverage in result.coverages for problem in coverage.problems] == []
    assert {item.state for coverage in result.coverages for item in coverage.exceptions} == EXCEPTIONS


def test_twenty_staging_tables_and_ten_vault_tables_go_at_once(result: Result) -> None:
    many = next(one for one in result.compared if one.scenario.name == "three-hundred-tables")
    (outcome,) = many.outcomes
    assert outcome.simulated == (300 / 20 + 30 / 10 + 20 / 10) * 60


def test_nothing_at_all_is_wrong(result: Result) -> None:
    assert list(result.problems()) == []
