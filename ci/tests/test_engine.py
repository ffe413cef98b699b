"""`ci/docker/engine` with commands that only look like those of Docker."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from monorepo.packages import ROOT

SCRIPT = ROOT / "ci" / "docker" / "engine"
DOCKERD = """
pid_file="${1#--pidfile=}"
trap 'rm -f "$pid_file" "$ANSWERS"; exit 0' TERM
echo $$ >"$pid_file"
touch "$ANSWERS"
while :; do sleep 0.05; done
"""


@dataclass(frozen=True)
class Machine:
    """A machine on which only some commands exist, beside those of the system."""

    home: Path

    def command(self, name: str, script: str = "") -> None:
        path = self.home / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    @property
    def answers(self) -> Path:
        """Is there while an engine answers."""
        return self.home / "answers"

    def engine(
        self, word: str, *, checkout: str = "one", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.home / 'bin'}:/usr/bin:/bin",
            "ANSWERS": str(self.answers),
            "CARS_ENGINE_HOME": str(self.home / checkout),
            **variables,
        }
        return subprocess.run(
            ["/bin/bash", str(SCRIPT), word], env=environment, capture_output=True, text=True, timeout=60
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """root on Debian, Docker installed and not started."""
    made = Machine(tmp_path)
    made.command("docker", '[ -e "$ANSWERS" ]')
    made.command("id", "echo 0")
    made.command("apt-get")
    made.command("debootstrap")
    made.command("dockerd", DOCKERD)
    return made


def test_an_engine_that_answers_is_left_alone(machine: Machine) -> None:
    machine.answers.touch()
    assert machine.engine("start").stdout == "a Docker engine answers\n"
    assert machine.engine("stop").returncode == 0
    assert machine.answers.exists()


def test_what_was_started_is_stopped_by_whoever_started_it(machine: Machine) -> None:
    started = machine.engine("start")
    assert started.returncode == 0, started.stderr
    assert "started dockerd" in started.stdout
    assert machine.engine("start").stdout == "a Docker engine answers\n"
    assert machine.engine("stop", checkout="another").stdout == ""
    assert machine.answers.exists()
    assert "stopped dockerd" in machine.engine("stop").stdout
    assert not machine.answers.exists()
    assert machine.engine("stop").stdout == ""


def test_a_process_that_has_the_number_of_the_engine_is_not_stopped(machine: Machine) -> None:
    (machine.home / "one").mkdir()
    (machine.home / "one" / "dockerd.pid").write_text(str(os.getpid()), encoding="ascii")
    assert machine.engine("stop").returncode == 0


def test_who_is_not_root_is_told_what_to_do(machine: Machine) -> None:
    machine.command("id", "echo 1000")
    done = machine.engine("start")
    assert done.returncode == 3
    assert (
        "no Docker engine: none answers, and only root may start one; start Docker or ask for" in done.stderr
    )


def test_an_engine_elsewhere_is_not_replaced_by_one_here(machine: Machine) -> None:
    done = machine.engine("start", DOCKER_HOST="tcp://build.example.com:2376")
    assert done.returncode == 3
    assert "DOCKER_HOST is tcp://build.example.com:2376 and does not answer" in done.stderr
    assert not machine.answers.exists()


def test_an_engine_that_does_not_start_shows_its_log(machine: Machine) -> None:
    machine.command("dockerd", "echo 'failed to mount overlay' >&2; exit 1")
    done = machine.engine("start")
    assert done.returncode == 3
    assert "dockerd does not answer; the end of" in done.stderr
    assert "failed to mount overlay" in done.stderr


def test_packages_that_cannot_be_installed_are_named(machine: Machine) -> None:
    (machine.home / "bin" / "debootstrap").unlink()
    machine.command("apt-get", "echo 'no such mirror' >&2; exit 100")
    done = machine.engine("start", PATH=f"{machine.home / 'bin'}:{_without_debootstrap(machine)}")
    assert done.returncode == 3
    assert "apt-get could not install debootstrap; see above" in done.stderr
    assert "no such mirror" in done.stderr


def _without_debootstrap(machine: Machine) -> Path:
    """The few system commands that the script needs, in a folder of their own."""
    folder = machine.home / "system"
    folder.mkdir()
    for name in ("bash", "cat", "tr", "grep", "dirname", "mkdir", "rm", "sleep", "tail", "setsid"):
        (folder / name).symlink_to(Path("/usr/bin") / name)
    return folder


def test_an_unknown_word_is_refused(machine: Machine) -> None:
    done = machine.engine("restart")
    assert (done.returncode, done.stderr) == (2, "engine takes start or stop, got 'restart'\n")
