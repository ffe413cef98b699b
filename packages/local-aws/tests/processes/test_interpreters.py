import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.processes.interpreters import InterpreterError, interpreter

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(autouse=True)
def fresh() -> None:
    interpreter.cache_clear()


def test_running_version_is_this_interpreter_without_its_environment() -> None:
    program = "import sys; print(sys.version_info[:2] , sys.prefix == sys.base_prefix)"
    run = subprocess.run(
        [interpreter(RUNNING), "-I", "-S", "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == f"{sys.version_info[:2]} True\n"


def test_program_of_that_name_but_another_version_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impostor = tmp_path / "python3.99"
    impostor.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InterpreterError, match=rf"wants python3.99, which is not on PATH.*python{RUNNING}"):
        interpreter("3.99")


def test_program_that_hangs_or_breaks_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python3.99"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InterpreterError):
        interpreter("3.99")
