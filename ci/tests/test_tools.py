"""How tasks run other programs."""

import os
import signal
import subprocess
import sys

from monorepo.packages import ROOT

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


def test_program_that_ctrl_c_interrupts_has_the_time_to_end_in_order() -> None:
    task = subprocess.Popen(
        [sys.executable, "-c", _TASK, _TIDY],
        env={**os.environ, "PYTHONPATH": str(ROOT / "ci")},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert task.stdout is not None
    assert task.stdout.readline() == "begun\n"
    os.killpg(task.pid, signal.SIGINT)  # a terminal sends it to the task and to the program
    output, _ = task.communicate(timeout=60)
    assert (task.returncode, output) == (7, "tidied\n")
