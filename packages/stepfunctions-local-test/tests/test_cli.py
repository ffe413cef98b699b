"""The program: exit codes, output, and written files."""

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


class Workspace:
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
def workspace(tmp_path: Path, shared_engine: None) -> Workspace:
    return Workspace(tmp_path)


@pytest.mark.usefixtures("own_server")
def test_success_is_exit_code_0_and_writes_report_junit_and_drawing(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO)
    done = workspace.run()
    assert "100.0 %" in done.output
    assert workspace.report["result"] == "ok"
    assert [one["name"] for one in workspace.report["scenarios"]] == ["no", "yes"]
    (machine,) = workspace.report["machines"]
    assert machine["groups"]["rules"] == {"all": 2, "covered": 2, "excepted": 0}
    assert {"group": "states", "item": "Yes", "by": ["yes@embedded"], "exception": None} in machine["items"]
    cases = workspace.cases()
    assert cases["states.scenarios.FSA-X-Asking: yes [embedded]"] == "passed"
    assert cases["states.coverage.FSA-X-Asking: transitions are covered"] == "passed"
    assert cases["states.checks.FSA-X-Asking: unreachable"] == "passed"
    assert set(cases.values()) == {"passed"}
    assert (workspace.out / "reports" / "FSA-X-Asking.svg").read_text().startswith("<svg")


def test_an_uncovered_branch_is_exit_code_1_with_a_scenario_that_covers_it(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    done = workspace.run(code=1)
    assert "FSA-X-Asking: 4 of 11 branches are covered by no scenario" in done.output
    assert "nothing covers Sure -> No (default); a scenario that does:" in done.output
    suggested = {one["item"]: one["scenario"] for one in workspace.report["suggestions"]}
    assert "sure: false" in suggested["No"]
    cases = workspace.cases()
    assert cases["states.coverage.FSA-X-Asking: states are covered"] == "failure"
    assert cases["states.coverage.FSA-X-Asking: retries are covered"] == "passed"


def test_a_scenario_that_differs_is_exit_code_1_and_says_how(workspace: Workspace) -> None:
    workspace.scenario("yes", YES.replace("SUCCEEDED", "FAILED"))
    workspace.scenario("no", NO)
    done = workspace.run(code=1)
    assert "yes (embedded): status is SUCCEEDED, not FAILED" in done.output
    assert workspace.cases()["states.scenarios.FSA-X-Asking: yes [embedded]"] == "failure"


def test_coverage_is_not_judged_when_only_some_scenarios_run(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO.replace("FAILED", "SUCCEEDED"))
    workspace.run("--scenario", "yes")
    assert workspace.report["partial"] is True
    assert workspace.cases()["states.coverage.FSA-X-Asking: states are covered"] == "skipped"
    done = workspace.run("--scenario", "maybe", code=1)
    assert "no scenario is called 'maybe'" in done.output


def test_an_exception_that_is_covered_is_exit_code_1(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO)
    workspace.scenario("_exceptions", "'No': nobody is ever unsure\n")
    done = workspace.run(code=1)
    assert "FSA-X-Asking: the exception 'No' is covered by no@embedded; remove it" in done.output


def test_a_finding_in_the_definition_is_exit_code_1(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO)
    limitless = {key: value for key, value in ANSWER.items() if key != "TimeoutSeconds"}
    ask = {**limitless, "Parameters": {"FunctionName": "f"}, "Next": "Sure"}
    definition = {**MACHINE, "States": {**MACHINE["States"], "Ask": ask}}
    workspace.machines.write_text(json.dumps({"machines": {"FSA-X-Asking": definition}}))
    assert "timeout: FSA-X-Asking, Ask" in workspace.run(code=1).output
    assert workspace.cases()["states.checks.FSA-X-Asking: timeout"] == "failure"


def test_an_invalid_definition_is_a_finding_and_not_a_missing_machine(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    broken = json.loads(json.dumps(MACHINE))
    broken["States"]["Ask"]["Next"] = "Nowhere"
    workspace.machines.write_text(json.dumps({"machines": {"FSA-X-Asking": broken}}))
    assert "links: FSA-X-Asking, Ask: " in workspace.run(code=1).output


def test_an_unknown_integration_is_reported_and_removes_the_earlier_result(
    workspace: Workspace,
) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO)
    workspace.run()
    broken = json.loads(json.dumps(MACHINE))
    broken["States"]["Ask"]["Resource"] = "arn:aws:states:::lamda:invoke"
    workspace.machines.write_text(json.dumps({"machines": {"FSA-X-Asking": broken}}))
    assert "the engine refuses FSA-X-Asking: InvalidDefinition" in workspace.run(code=1).output
    assert not (workspace.out / "junit" / "states.xml").exists()


def test_an_answer_that_breaks_its_contract_is_exit_code_1(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO.replace("sure: false", "sure: {}"))
    workspace.scenario("_contracts", "answers: {Ask: {Payload: {sure: flag}}}\n")
    message = "the response no.Ask (attempt 0) breaks the contract: Ask.Payload.sure must be no object"
    assert message in workspace.run(code=1).output


def test_an_engine_that_cannot_run_is_skipped_unless_it_is_required(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO)
    monkeypatch.delenv("REQUIRE_ENGINE", raising=False)
    monkeypatch.setattr(Container, "missing", lambda self: "no engine answers")
    done = workspace.run("--engine", "container")
    assert "engine container was skipped: no engine answers" in done.output
    assert workspace.cases()["states.engines.container: engine container runs"] == "skipped"
    monkeypatch.setenv("REQUIRE_ENGINE", "container")
    done = workspace.run("--engine", "container", code=1)
    assert "engine container is required but cannot run: no engine answers" in done.output
    assert workspace.cases()["states.engines.container: engine container runs"] == "failure"


def test_a_required_engine_that_was_not_asked_for_is_no_failure(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO)
    monkeypatch.setenv("REQUIRE_ENGINE", "container")
    assert "container" not in workspace.run().output
    assert workspace.report["result"] == "ok"
    assert "states.engines.container: engine container runs" not in workspace.cases()


def test_problems_of_files_stop_the_program_before_anything_runs(workspace: Workspace) -> None:
    workspace.scenario("yes", YES.replace("Ask:", "Aks:"))
    done = workspace.run(code=1)
    assert "Asking/yes.yaml: tasks.Aks names 'Aks'" in done.output
    workspace.machines.write_text("[]")
    done = workspace.run(code=1)
    assert (
        "must hold {'machines': {name: definition}}, as `deployer machines ENV --json` prints it"
        in done.output
    )


def test_the_mock_configuration_is_written_for_another_step_functions_local(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    file = workspace.root / "elsewhere" / "MockConfigFile.json"
    workspace.run("--write-mock-config", str(file))
    written = json.loads(file.read_text())
    assert written["StateMachines"] == {"FSA-X-Asking": {"TestCases": {"Yes": {"Ask": "yes.Ask"}}}}
    assert not workspace.out.exists()


def test_a_stale_drawing_of_the_documentation_is_exit_code_1_until_it_is_updated(
    workspace: Workspace,
) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO)
    drawings = ["--drawings", str(workspace.root / "docs")]
    done = workspace.run(*drawings, code=1)
    assert "drawing: FSA-X-Asking: " in done.output
    assert workspace.cases()["states.checks.FSA-X-Asking: drawing"] == "failure"
    assert "drawn: " in workspace.run(*drawings, "--draw").output
    assert "are up to date" in workspace.run(*drawings, "--draw").output
    workspace.run(*drawings)


def test_drawing_needs_a_folder(workspace: Workspace) -> None:
    assert "--draw needs --drawings" in workspace.run("--draw", code=1).output


def test_standard_output_has_only_the_json(workspace: Workspace) -> None:
    workspace.scenario("yes", YES)
    workspace.scenario("no", NO)
    assert json.loads(workspace.run("--json").stdout) == workspace.report


def test_a_machines_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StatesError, match="cannot be read"):
        program.read_machines(tmp_path / "absent.json")
