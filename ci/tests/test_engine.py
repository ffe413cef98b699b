"""`ci/docker/engine` with commands that only look like those of Docker."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from monorepo.packages import ROOT

from .machine import DOCKER, DOCKERD, Machine

SCRIPT = ROOT / "ci" / "docker" / "engine"


def engine(
    machine: Machine, word: str, *, checkout: str = "one", **variables: str
) -> subprocess.CompletedProcess[str]:
    return machine.bash(SCRIPT, word, **{"CARS_ENGINE_HOME": str(machine.home / checkout), **variables})


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """root on Debian, Docker installed and not started."""
    made = Machine(tmp_path)
    made.command("docker", DOCKER)
    made.command("id", "echo 0")
    made.command("apt-get")
    made.command("debootstrap")
    made.command("dockerd", DOCKERD)
    return made


def test_an_engine_that_answers_is_left_alone(machine: Machine) -> None:
    machine.answers.touch()
    assert engine(machine, "start").stdout == "a Docker engine answers\n"
    assert engine(machine, "stop").returncode == 0
    assert machine.answers.exists()


def test_what_was_started_is_stopped_by_whoever_started_it(machine: Machine) -> None:
    started = engine(machine, "start")
    assert started.returncode == 0, started.stderr
    assert "started dockerd" in started.stdout
    assert engine(machine, "start").stdout == "a Docker engine answers\n"
    assert engine(machine, "stop", checkout="another").stdout == ""
    assert machine.answers.exists()
    assert "stopped dockerd" in engine(machine, "stop").stdout
    assert not machine.answers.exists()
    assert engine(machine, "stop").stdout == ""


def test_a_process_that_has_the_number_of_the_engine_is_not_stopped(machine: Machine) -> None:
    (machine.home / "one").mkdir()
    (machine.home / "one" / "dockerd.pid").write_text(str(os.getpid()), encoding="ascii")
    assert engine(machine, "stop").returncode == 0


def test_who_is_not_root_is_told_what_to_do(machine: Machine) -> None:
    machine.command("id", "echo 1000")
    done = engine(machine, "start")
    assert done.returncode == 3
    assert (
        "no Docker engine: none answers, and only root may start one; start Docker or ask for" in done.stderr
    )


def test_an_engine_elsewhere_is_not_replaced_by_one_here(machine: Machine) -> None:
    done = engine(machine, "start", DOCKER_HOST="tcp://build.example.com:2376")
    assert done.returncode == 3
    assert "DOCKER_HOST is tcp://build.example.com:2376 and does not answer" in done.stderr
    assert not machine.answers.exists()


def test_an_engine_that_does_not_start_shows_its_log(machine: Machine) -> None:
    machine.command("dockerd", "echo 'failed to mount overlay' >&2; exit 1")
    done = engine(machine, "start")
    assert done.returncode == 3
    assert "dockerd does not answer; the end of" in done.stderr
    assert "failed to mount overlay" in done.stderr


def test_packages_that_cannot_be_installed_are_named(machine: Machine) -> None:
    (machine.home / "bin" / "debootstrap").unlink()
    machine.command("apt-get", "echo 'no such mirror' >&2; exit 100")
    done = engine(machine, "start", PATH=f"{machine.home / 'bin'}:{_without_debootstrap(machine)}")
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
    done = engine(machine, "restart")
    assert (done.returncode, done.stderr) == (2, "engine takes start or stop, got 'restart'\n")
