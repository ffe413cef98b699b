import sys
from pathlib import Path

import pytest

from cars_acceptance.main_job.commands import TAIL_LINES, Deployer
from cars_acceptance.main_job.errors import MainJobError

from .faking import FakeDeployer


def deployer(root: Path, **more: object) -> Deployer:
    return Deployer(sys.executable, root, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, **more)  # type: ignore[arg-type]


def test_commands_run_in_the_repository_with_the_local_endpoint(fake: FakeDeployer, tmp_path: Path) -> None:
    deployer(tmp_path).call("configs", "push", "local")
    assert fake.calls() == [
        {"argv": ["configs", "push", "local"], "cwd": str(tmp_path), "endpoint": "http://127.0.0.1:1"}
    ]


def test_lines_are_passed_on_from_both_streams(fake: FakeDeployer, tmp_path: Path) -> None:
    fake.answer({"run local": {"out": "one\n", "err": "two\n"}})
    heard: list[str] = []
    lines = deployer(tmp_path, listener=heard.append).call("run", "local")
    assert sorted(heard) == sorted(lines) == ["one", "two"]


def test_a_failing_command_is_named_with_exit_code_and_end_of_output(
    fake: FakeDeployer, tmp_path: Path
) -> None:
    output = "".join(f"line {number}\n" for number in range(100))
    fake.answer({"run local": {"out": output, "code": 1}})
    with pytest.raises(
        MainJobError, match=r"-m deployer run local --date=2026-06-01 ended with exit code 1$"
    ) as caught:
        deployer(tmp_path).call("run", "local", "--date=2026-06-01")
    lines = caught.value.details.splitlines()
    assert (len(lines), lines[-1]) == (TAIL_LINES, "line 99")
    assert "--keep-running" in caught.value.hint


def test_an_answer_is_the_json_of_standard_output_only(fake: FakeDeployer, tmp_path: Path) -> None:
    fake.answer({"plan local": {"out": '{"changes": [1]}', "err": "note: guessed", "code": 2}})
    assert deployer(tmp_path).ask("plan", "local", accept=(0, 2)) == {"changes": [1]}
    assert fake.commands() == ["plan local --json"]


def test_a_usage_error_is_not_taken_for_pending_changes(fake: FakeDeployer, tmp_path: Path) -> None:
    fake.answer({"plan local": {"err": "Error: No such option: --build", "code": 2}})
    with pytest.raises(MainJobError, match="did not answer JSON") as caught:
        deployer(tmp_path).ask("plan", "local", accept=(0, 2))
    assert "No such option: --build" in caught.value.details


def test_an_unexpected_exit_code_of_a_question_shows_both_streams(fake: FakeDeployer, tmp_path: Path) -> None:
    fake.answer({"plan local": {"out": "{}", "err": "error: no build", "code": 1}})
    with pytest.raises(MainJobError, match="ended with exit code 1") as caught:
        deployer(tmp_path).ask("plan", "local", accept=(0, 2))
    assert caught.value.details == "{}\nerror: no build"


def test_a_missing_interpreter_is_named_with_the_option(tmp_path: Path) -> None:
    with pytest.raises(
        MainJobError, match="cannot start the deployer with /none/python: No such file"
    ) as caught:
        Deployer("/none/python", tmp_path, {}).call("plan", "local")
    assert "--deployer-python or CARS_DEPLOYER" in caught.value.hint


def test_a_command_is_stopped_when_its_listener_is_interrupted(fake: FakeDeployer, tmp_path: Path) -> None:
    (fake.home / "deployer" / "__main__.py").write_text(
        "import os, time; print(os.getpid(), flush=True); time.sleep(600)", encoding="utf-8"
    )
    heard: list[int] = []

    def interrupt(line: str) -> None:
        heard.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deployer(tmp_path, listener=interrupt).call("run", "local")
    assert not Path(f"/proc/{heard[0]}").exists()
