"""How tasks run other programs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from monorepo.packages import ROOT
from monorepo.tools import BYTE_CODE, clean_environment, run, tool

# On Ctrl-C it takes its time to put things in order, as a deploy does, and has an exit code of its own.
_TIDY = """
import sys, time
try:
    print("begun", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(1)
    print("tidied", flush=True)
    sys.exit(7)
"""
# Where this very run ignores Ctrl-C, as one in the background does, what it starts would ignore it as well.
_TASK = """
import signal, sys
from monorepo.tools import call
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(call(sys.executable, "-c", sys.argv[1]))
"""


# On SIGTERM it tidies as well; the task knows of its end.
_SERVER = """
import os, signal, sys, time
def tidy(*_):
    os.write(1, b"tidied\\n")  # a handler that prints may interrupt a print
    sys.exit(7)
signal.signal(signal.SIGTERM, tidy)
os.write(1, b"begun\\n")
time.sleep(60)
"""


def test_program_that_ctrl_c_interrupts_has_the_time_to_end_in_order() -> None:
    task = _begun(_TIDY)
    os.killpg(task.pid, signal.SIGINT)  # a terminal sends it to the task and to the program
    output, _ = task.communicate(timeout=60)
    assert (task.returncode, output) == (7, "tidied\n")


@pytest.mark.parametrize(
    ("program", "expected"), [(_SERVER, (7, "tidied\n")), (_TIDY, (-signal.SIGTERM, ""))]
)
def test_sigterm_to_the_task_ends_the_program(program: str, expected: tuple[int, str]) -> None:
    task = _begun(program)
    task.send_signal(signal.SIGTERM)  # as `kill` and a service manager do: to the task alone
    output, _ = task.communicate(timeout=60)  # the pipe closes only when the program has ended, too
    code, text = expected
    assert (task.returncode, output) == (code % 256, text)


def test_uv_trusts_the_certificates_of_the_system_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("UV_SYSTEM_CERTS", raising=False)
    run("sh", "-c", 'test "$UV_SYSTEM_CERTS" = true')
    monkeypatch.setenv("UV_SYSTEM_CERTS", "false")
    run("sh", "-c", 'test "$UV_SYSTEM_CERTS" = false')
    assert (
        "--system-certs"
        in subprocess.run(
            [tool("uv"), "pip", "install", "--help"], capture_output=True, text=True, check=True
        ).stdout
    )


def _begun(program: str) -> subprocess.Popen[str]:
    """A task that has called the program, in a process group of their own."""
    task = subprocess.Popen(
        [sys.executable, "-c", _TASK, program],
        env={**os.environ, "PYTHONPATH": str(ROOT / "ci")},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert task.stdout is not None
    assert task.stdout.readline() == "begun\n"
    return task


def test_programs_keep_their_byte_code_outside_of_the_work_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    (tmp_path / "module.py").write_text("", encoding="utf-8")
    subprocess.run([sys.executable, "-c", "import module"], cwd=tmp_path, env=clean_environment(), check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["module.py"]
    kept = BYTE_CODE.joinpath(*tmp_path.parts[1:])
    assert [path.suffix for path in kept.iterdir()] == [".pyc"]
