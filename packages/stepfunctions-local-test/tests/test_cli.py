"""The program: exit codes, what it prints, and the files that it leaves."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from stepfunctions_local_test import program
from stepfunctions_local_test.cli import app
from stepfunctions_local_test.engines.container import Container
from stepfunctions_local_test.errors import StatesError

ANSWER = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 9}
MACHINE: dict[str, Any] = {
    "StartAt": "Ask",
    "TimeoutSeconds": 99,
    "States": {
        "Ask": {**ANSWER, "Parameters": {"FunctionName": "f"}, "Next": "Sure"},
        "Sure": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.Payload.sure", "BooleanEquals": True, "Next": "Yes"}],
            "Default": "No",
        },
        "Yes": {"Type": "Succeed"},
        "No": {"Type": "Fail", "Error": "No", "Cause": "not sure"},
    },
}
YES = """
description: The function is sure.
tasks: {Ask: {"0": {Return: {StatusCode: 200, Payload: {sure: true}}}}}
expect: {status: SUCCEEDED, path: [Ask, Sure, Yes]}
"""
NO = """
description: The function is not sure.
tasks: {Ask: {"0": {Return: {StatusCode: 200, Payload: {sure: false}}}}}
expect: {status: FAILED, error: "No", cause: not sure, path: [Ask, Sure, "No"]}
"""


class Place:
    """A folder with machines, scenarios and what the program writes."""

    def __init__(self, root: Path) -> None:
        self.root, self.out = root, root / "out"
        self.machines = root / "machines.json"
        self.machines.write_text(json.dumps({"machines": {"FSA-X-Asking": MACHINE}}))
        (root / "scenarios" / "Asking").mkdir(parents=True)

    def scenario(self, name: str, text: str) -> None:
        (self.root / "scenarios" / "Asking" / f"{name}.yaml").write_text(text)

    def run(self, *words: str, engine: str = "embedded", code: int = 0) -> Result:
        places = ["--machines", str(self.machines), "--scenarios", str(self.root / "scenarios")]
        done = CliRunner().invoke(app, [*places, "--out", str(self.out), "--engine", engine, *words])
        assert done.exit_code == code, done.output
        return done

    @property
    def report(self) -> Any:
        return json.loads((self.out / "reports" / "states.json").read_text())

    def cases(self) -> dict[str, str]:
        """JUnit: name -> passed, failure or skipped."""
        root = ElementTree.parse(self.out / "junit" / "states.xml").getroot()  # noqa: S314 - ours
        return {
            f"{case.get('classname')}: {case.get('name')}": next((child.tag for child in case), "passed")
            for case in root.iter("testcase")
        }


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_all_well_is_exit_code_0_and_leaves_report_junit_and_picture(place: Place) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO)
    done = place.run()
    assert "100.0 %" in done.output
    assert place.report["result"] == "ok"
    assert [one["name"] for one in place.report["scenarios"]] == ["no", "yes"]
    (machine,) = place.report["machines"]
    assert machine["groups"]["rules"] == {"all": 2, "walked": 2, "excepted": 0}
    assert {"group": "states", "item": "Yes", "by": ["yes@embedded"], "exception": None} in machine["items"]
    cases = place.cases()
    assert cases["states.scenarios.FSA-X-Asking: yes [embedded]"] == "passed"
    assert cases["states.coverage.FSA-X-Asking: transitions are walked"] == "passed"
    assert cases["states.checks.FSA-X-Asking: unreachable"] == "passed"
    assert set(cases.values()) == {"passed"}
    assert (place.out / "reports" / "FSA-X-Asking.svg").read_text().startswith("<svg")


def test_a_branch_that_nothing_walks_is_exit_code_1_with_a_scenario_that_would(place: Place) -> None:
    place.scenario("yes", YES)
    done = place.run(code=1)
    assert "FSA-X-Asking: 4 of 11 branches are walked by no scenario" in done.output
    assert "nothing walks Sure -> No (default); a scenario that would:" in done.output
    suggested = {one["item"]: one["scenario"] for one in place.report["suggestions"]}
    assert "sure: false" in suggested["No"]
    cases = place.cases()
    assert cases["states.coverage.FSA-X-Asking: states are walked"] == "failure"
    assert cases["states.coverage.FSA-X-Asking: retries are walked"] == "passed"


def test_a_scenario_that_differs_is_exit_code_1_and_says_how(place: Place) -> None:
    place.scenario("yes", YES.replace("SUCCEEDED", "FAILED"))
    place.scenario("no", NO)
    done = place.run(code=1)
    assert "yes (embedded): status is SUCCEEDED, not FAILED" in done.output
    assert place.cases()["states.scenarios.FSA-X-Asking: yes [embedded]"] == "failure"


def test_some_scenarios_are_no_verdict_on_coverage(place: Place) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO.replace("FAILED", "SUCCEEDED"))
    place.run("--scenario", "yes")
    assert place.report["partial"] is True
    assert place.cases()["states.coverage.FSA-X-Asking: states are walked"] == "skipped"
    done = place.run("--scenario", "maybe", code=1)
    assert "no scenario is called 'maybe'" in done.output


def test_an_exception_that_is_walked_is_exit_code_1(place: Place) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO)
    place.scenario("_exceptions", "'No': nobody is ever unsure\n")
    done = place.run(code=1)
    assert "FSA-X-Asking: the exception 'No' is walked by no@embedded; remove it" in done.output


def test_a_finding_in_the_definition_is_exit_code_1(place: Place) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO)
    limitless = {key: value for key, value in ANSWER.items() if key != "TimeoutSeconds"}
    ask = {**limitless, "Parameters": {"FunctionName": "f"}, "Next": "Sure"}
    definition = {**MACHINE, "States": {**MACHINE["States"], "Ask": ask}}
    place.machines.write_text(json.dumps({"machines": {"FSA-X-Asking": definition}}))
    assert "timeout: FSA-X-Asking, Ask" in place.run(code=1).output
    assert place.cases()["states.checks.FSA-X-Asking: timeout"] == "failure"


def test_a_definition_that_is_none_is_a_finding_and_not_a_missing_machine(place: Place) -> None:
    place.scenario("yes", YES)
    broken = json.loads(json.dumps(MACHINE))
    broken["States"]["Ask"]["Next"] = "Nowhere"
    place.machines.write_text(json.dumps({"machines": {"FSA-X-Asking": broken}}))
    assert "links: FSA-X-Asking, Ask: " in place.run(code=1).output


def test_an_integration_that_no_engine_has_is_told_and_leaves_no_earlier_verdict(place: Place) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO)
    place.run()
    broken = json.loads(json.dumps(MACHINE))
    broken["States"]["Ask"]["Resource"] = "arn:aws:states:::lamda:invoke"
    place.machines.write_text(json.dumps({"machines": {"FSA-X-Asking": broken}}))
    assert "the engine refuses FSA-X-Asking: InvalidDefinition" in place.run(code=1).output
    assert not (place.out / "junit" / "states.xml").exists()


def test_an_answer_that_breaks_its_contract_is_exit_code_1(place: Place) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO.replace("sure: false", "sure: {}"))
    place.scenario("_contracts", "answers: {Ask: {Payload: {sure: flag}}}\n")
    told = "the response no.Ask (attempt 0) is not what the contract promises: Ask.Payload.sure must be no object"
    assert told in place.run(code=1).output


def test_an_engine_that_cannot_run_is_skipped_unless_it_is_required(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO)
    monkeypatch.delenv("REQUIRE_ENGINE", raising=False)
    monkeypatch.setattr(Container, "missing", lambda self: "no engine answers")
    done = place.run("--engine", "container")
    assert "engine container was skipped: no engine answers" in done.output
    assert place.cases()["states.engines.container: engine container runs"] == "skipped"
    monkeypatch.setenv("REQUIRE_ENGINE", "container")
    done = place.run("--engine", "container", code=1)
    assert "engine container is required but cannot run: no engine answers" in done.output
    assert place.cases()["states.engines.container: engine container runs"] == "failure"


def test_a_required_engine_that_was_not_asked_for_is_no_failure(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO)
    monkeypatch.setenv("REQUIRE_ENGINE", "container")
    assert "container" not in place.run().output
    assert place.report["result"] == "ok"
    assert "states.engines.container: engine container runs" not in place.cases()


def test_problems_of_files_end_the_program_before_anything_runs(place: Place) -> None:
    place.scenario("yes", YES.replace("Ask:", "Aks:"))
    done = place.run(code=1)
    assert "Asking/yes.yaml: tasks.Aks names 'Aks'" in done.output
    place.machines.write_text("[]")
    done = place.run(code=1)
    assert (
        "must hold {'machines': {name: definition}}, as `deployer machines ENV --json` prints it"
        in done.output
    )


def test_the_mock_configuration_is_written_for_other_hands(place: Place) -> None:
    place.scenario("yes", YES)
    file = place.root / "elsewhere" / "MockConfigFile.json"
    place.run("--write-mock-config", str(file))
    written = json.loads(file.read_text())
    assert written["StateMachines"] == {"FSA-X-Asking": {"TestCases": {"Yes": {"Ask": "yes.Ask"}}}}
    assert not place.out.exists()


def test_a_stale_drawing_of_the_documentation_is_exit_code_1_until_it_is_drawn_anew(place: Place) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO)
    drawings = ["--drawings", str(place.root / "docs")]
    done = place.run(*drawings, code=1)
    assert "drawing: FSA-X-Asking: " in done.output
    assert place.cases()["states.checks.FSA-X-Asking: drawing"] == "failure"
    assert "drawn: " in place.run(*drawings, "--draw").output
    assert "are as they must be" in place.run(*drawings, "--draw").output
    place.run(*drawings)


def test_drawing_needs_a_folder(place: Place) -> None:
    assert "--draw needs --drawings" in place.run("--draw", code=1).output


def test_json_is_alone_on_standard_output(place: Place) -> None:
    place.scenario("yes", YES)
    place.scenario("no", NO)
    assert json.loads(place.run("--json").stdout) == place.report


def test_machines_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(StatesError, match="cannot be read"):
        program.read_machines(tmp_path / "absent.json")
