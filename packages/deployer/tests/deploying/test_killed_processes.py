"""A deploy as a process that is killed, terminated or interrupted, and one whose call fails in the middle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command_line import Commands
from support.sandbox import Sandbox

from deployer.applying.attempt import Run
from deployer.deploying.deploy import make_live
from deployer.deploying.release_record import Author
from deployer.errors import ApplyError
from local_aws.testing.calls import Calls

PATIENCE_SECONDS = 60
MACHINES = ("CARS-EDV-Pipeline", "CARS-Landing-Pipeline")


def _begun(sandbox: Sandbox, folder: Path) -> "subprocess.Popen[str]":
    """A deploy in its own process that has begun to change resources."""
    configs = sandbox.write_config(folder / "config")
    words = ["deploy", "cert", "--yes", "--build-dir", str(sandbox.build_dir), "--config-dir", str(configs)]
    process = subprocess.Popen(
        [sys.executable, "-m", "deployer", *words],
        env={**os.environ, **sandbox.aws.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal, deadline = sandbox.open().lock_location().journal, time.monotonic() + PATIENCE_SECONDS
    while journal.read() is None:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def test_killed_process_leaves_its_lock_and_the_next_plan_shows_its_progress(
    sandbox: Sandbox, commands: Commands, tmp_path: Path
) -> None:
    with _begun(sandbox, tmp_path) as process:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    build = ("--build-dir", str(sandbox.build_dir))
    _, refusal = commands("deploy", "cert", "--yes", *build, code=1)
    assert f"process {process.pid}" in refusal
    assert "remove its lock with the command unlock" in refusal
    plan, _ = commands("plan", "cert", *build, code=2)
    assert "was killed" in plan
    assert "killed deploy, calls without a known result: " in plan
    assert "killed deploy, not begun: " in plan
    commands("unlock", "cert", "--yes", "--force")
    commands("deploy", "cert", "--yes", *build)
    plan, _ = commands("plan", "cert", *build)
    assert "was killed" not in plan


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: signal.Signals(number).name
)
def test_stopped_process_lists_what_it_did_and_releases_the_lock(
    sandbox: Sandbox, tmp_path: Path, number: signal.Signals
) -> None:
    with _begun(sandbox, tmp_path) as process:
        process.send_signal(number)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    told = errors.partition("error: interrupted\n")[2]
    assert told.startswith("done: ")
    assert "not started: " in told
    assert "not started: nothing" not in told
    assert "run deploy again: it continues with the rest" in told
    assert sandbox.open().lock_location().lock.look() is None
    last = sandbox.open().last_deploy().deploy
    assert last is not None
    assert (last.status, last.in_flight) == ("failed", ())
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()


def test_call_that_fails_in_the_middle_leaves_the_rest_to_the_next_deploy(sandbox: Sandbox) -> None:
    prepared = sandbox.prepare()
    calls = Calls(sandbox.clients.states)
    calls.fail("CreateStateMachine", "StateMachineLimitExceeded", times=1)
    with pytest.raises(ApplyError) as failed:
        make_live(prepared, "deploy", Author("tester"), Run(prepared.account.adapters))
    lines = dict(line.split(": ", 1) for line in str(failed.value).splitlines() if ": " in line)
    (machine,) = [name for name in MACHINES if f"state machine {sandbox.name(name)}: " in lines["failed"]]
    assert "StateMachineLimitExceeded" in lines["failed"]
    assert f"role {sandbox.name('edv-check-results-role')}" in lines["done"]
    assert f"state machine alias {sandbox.name(machine)}:live" in lines["not started"]
    assert "fix the cause and run deploy again" in str(failed.value)
    sandbox.deploy()
    assert sandbox.prepare().plan.changes == ()
