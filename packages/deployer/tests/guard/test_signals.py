"""Ctrl-C and SIGTERM while a deploy changes things, as a process receives them."""

import signal
import subprocess
import sys

import pytest

from deployer.guard.signals import Stop

PATIENCE_SECONDS = 60
# Says when it hears signals, and after the first one works on until it is told to end by a line of input.
_WORKER = """
import sys, time
from deployer.guard.signals import Stop

stop = Stop()
with stop.heard():
    print("begun", flush=True)
    while not stop.asked():
        time.sleep(0.01)
    print("asked", flush=True)
    sys.stdin.readline()
print("finished", flush=True)
"""


@pytest.fixture
def worker() -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert _line(process) == "begun"
    return process


def test_nobody_asked() -> None:
    assert not Stop().asked()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_work_continues_after_a_signal_and_a_message_is_shown(
    worker: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    worker.send_signal(number)
    assert _line(worker) == "asked"
    worker.send_signal(signal.SIGTERM)  # Jenkins may send several; only SIGKILL is more than one
    output, told = worker.communicate("end\n", PATIENCE_SECONDS)
    assert (worker.returncode, output) == (0, "finished\n")
    assert (
        told
        == "stopping: what has begun is being finished; Ctrl-C again ends at once and leaves the lock to expire\n"
    )


def test_second_ctrl_c_ends_at_once(worker: "subprocess.Popen[str]") -> None:
    worker.send_signal(signal.SIGINT)
    assert _line(worker) == "asked"
    worker.send_signal(signal.SIGINT)
    output, _ = worker.communicate(timeout=PATIENCE_SECONDS)
    assert (worker.returncode, output) == (-signal.SIGINT, "")


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip()
