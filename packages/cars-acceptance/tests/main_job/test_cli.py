import io
import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cars_acceptance.main_job import cli, options, pipeline
from cars_acceptance.main_job.check import Difference
from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.progress import Progress

runner = CliRunner()
OPTIONS = (
    "--farms", "--days", "--date", "--seed", "--control-totals", "--keep-running", "--engine", "--build-dir",
    "--report-dir", "--deployer-python", "--json",
)  # fmt: skip


@pytest.fixture
def local_options(tree: Path, tmp_path: Path) -> list[str]:
    """Options that keep everything inside the test's directory."""
    return [f"--car-configs={tree}", f"--report-dir={tmp_path}", f"--build-dir={tmp_path}", "--farms=6"]


def replace_run(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setattr(pipeline.MainJob, "run", lambda self, start, running: run(self))


def test_help_lists_every_option() -> None:
    module = "cars_acceptance.main_job"
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True
    )
    assert [option for option in OPTIONS if option not in done.stdout] == []
    assert "nox -s local" in done.stdout


def test_a_job_without_difference_ends_with_zero_and_names_its_report(
    monkeypatch: pytest.MonkeyPatch, local_options: list[str], tmp_path: Path
) -> None:
    replace_run(monkeypatch, lambda job: None)
    done = runner.invoke(cli.app, [*local_options, "--date=2026-07-01"])
    assert done.exit_code == 0
    assert str(tmp_path / "local-2026-07-01.md") in done.output


def test_a_difference_ends_with_one(monkeypatch: pytest.MonkeyPatch, local_options: list[str]) -> None:
    replace_run(
        monkeypatch, lambda job: job.report.differences.append(Difference("acres", "wheat", "1", "2"))
    )
    done = runner.invoke(cli.app, local_options)
    assert done.exit_code == 1
    assert "differences: 1" in done.output


def test_a_failed_step_ends_with_one_and_says_what_to_look_at(
    monkeypatch: pytest.MonkeyPatch, local_options: list[str], tmp_path: Path
) -> None:
    def fail(job: pipeline.MainJob) -> None:
        with job.progress.step("deploy"):
            raise MainJobError(
                "python -m deployer deploy local ended with exit code 1", details="no role", hint="roles"
            )

    replace_run(monkeypatch, fail)
    done = runner.invoke(cli.app, local_options)
    assert done.exit_code == 1
    for text in ("failed in step: deploy", "ended with exit code 1", "no role", "what to look at: roles"):
        assert text in done.output
    assert json.loads((tmp_path / "local-2026-06-01.json").read_text())["result"] == "failed"


def test_json_is_alone_on_standard_output(monkeypatch: pytest.MonkeyPatch, local_options: list[str]) -> None:
    replace_run(monkeypatch, lambda job: None)
    done = runner.invoke(cli.app, [*local_options, "--json"])
    assert json.loads(done.stdout)["settings"]["farms"] == "6"
    assert "report: " in done.stderr


def test_an_unexpected_error_still_leaves_a_report(
    monkeypatch: pytest.MonkeyPatch, local_options: list[str], tmp_path: Path
) -> None:
    def break_down(job: pipeline.MainJob) -> None:
        with job.progress.step("plan"):
            raise KeyError("summary")

    replace_run(monkeypatch, break_down)
    done = runner.invoke(cli.app, local_options)
    assert done.exit_code == 1
    failure = json.loads((tmp_path / "local-2026-06-01.json").read_text())["failure"]
    assert (failure["step"], failure["message"]) == ("plan", "KeyError: 'summary'")
    assert "break_down" in failure["details"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--farms=2"],
            "error: 2 farms are too few for the 4 counties of the control totals; give --farms 4 or more",
        ),
        (
            ["--control-totals=/none.csv"],
            "error: cannot read control totals /none.csv: No such file or directory",
        ),
        (
            ["--car-configs=/none/car_configs"],
            "error: --car-configs is not a directory: /none/car_configs; name the folder that holds STG/",
        ),
    ],
)
def test_bad_input_is_one_message_before_anything_starts(
    local_options: list[str], words: list[str], message: str
) -> None:
    done = runner.invoke(cli.app, [*local_options, *words])
    assert done.exit_code == 1
    assert message in done.output


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("--date=2026-13-01", "must be YYYY-MM-DD, got '2026-13-01'"),
        ("--date=0001-01-01", "must be from 1900-01-01 to 2100-12-31, got '0001-01-01'"),
        ("--date=9999-12-31", "must be from 1900-01-01 to 2100-12-31, got '9999-12-31'"),
        ("--farms=20001", "less than or equal to 20000"),
        ("--days=366", "less than or equal to 365"),
    ],
)
def test_an_option_out_of_range_is_refused_with_the_range(word: str, message: str) -> None:
    done = runner.invoke(cli.app, [word, "--car-configs=/none"])
    assert done.exit_code == 2
    assert message in " ".join(done.output.split())


def test_outside_a_repository_the_message_names_the_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = runner.invoke(cli.app, [])
    assert done.exit_code == 1
    assert f"there is no car_configs at or above {tmp_path}" in done.output.replace("\n", "")


def test_the_deployer_is_found_by_option_then_variable_then_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(options.DEPLOYER_VARIABLE, raising=False)
    assert options.deployer_python(None) == sys.executable
    monkeypatch.setenv(options.DEPLOYER_VARIABLE, "/other/python")
    assert options.deployer_python(None) == "/other/python"
    assert options.deployer_python("/given/python") == "/given/python"


def test_kept_running_prints_the_variables_after_a_failure_too(
    monkeypatch: pytest.MonkeyPatch, tree: Path, tmp_path: Path
) -> None:
    stayed: list[dict[str, str]] = []
    monkeypatch.setattr(cli, "stay", lambda console, environment: stayed.append(environment))

    def fail(self: pipeline.MainJob, start: object, running: ExitStack) -> None:
        self.environment = {"PGPORT": "5"}
        raise MainJobError("no")

    monkeypatch.setattr(pipeline.MainJob, "run", fail)
    given = options.Options(tree, tmp_path, tmp_path, "python", farms=6, keep_running=True)
    console = Console(file=io.StringIO())
    report = cli.run_and_report(pipeline.prepare(given, Progress(console)), console)
    assert (report.result, stayed) == ("failed", [{"PGPORT": "5"}])


@pytest.mark.parametrize("engine", ["embedded", "container"])
def test_the_wanted_engine_runs_the_machines_and_is_part_of_the_report(
    monkeypatch: pytest.MonkeyPatch, local_options: list[str], tmp_path: Path, engine: str
) -> None:
    started: list[str] = []
    monkeypatch.setattr(cli, "start_services", lambda running, **given: started.append(given["engine"]))
    monkeypatch.setattr(pipeline.MainJob, "run", lambda self, start, running: start(running))
    done = runner.invoke(cli.app, [*local_options, f"--engine={engine}", "--date=2026-07-01"])
    assert (done.exit_code, started) == (0, [engine])
    assert f"engine: {engine}" in (tmp_path / "local-2026-07-01.md").read_text(encoding="utf-8")
