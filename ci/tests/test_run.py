"""`.ci/run` with a nox that only notes its words: what is run, and with containers or without."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from monorepo.packages import ROOT

from .machine import DOCKER, DOCKERD, Machine

NOX = """
echo "$* [$REQUIRE_ENGINE $STEPFUNCTIONS_LOCAL_IMAGE]" >>"$NOTES"
case "$2" in
image) [ -n "$IMAGE" ] && echo "$IMAGE" || { echo "only root can make it" >&2; exit 1; } ;;
"$BROKEN") exit 1 ;;
esac
"""


def run(machine: Machine, **variables: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "NOTES": str(machine.home / "notes"),
        "CI_BASE": "no-such-base",
        "CARS_ENGINE_HOME": str(machine.home / "engine"),
    }
    return machine.bash(ROOT / ".ci" / "run", **{**settings, **variables})


def notes(machine: Machine) -> list[str]:
    return (machine.home / "notes").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    for name in ("mvn", "javac", "docker"):
        made.command(name)
    made.command("id", "echo 1000")
    made.command("nox", NOX)
    return made


def test_with_an_engine_and_an_image_tests_of_containers_must_run(machine: Machine) -> None:
    done = run(machine, IMAGE="cars/stepfunctions-local:1")
    assert done.returncode == 0, done.stderr
    assert "-s test [container cars/stepfunctions-local:1]" in notes(machine)
    assert "-s local -- --engine container [container cars/stepfunctions-local:1]" in notes(machine)
    assert "-s lint [ ]" in notes(machine)
    assert any(note.startswith("-s spark -- --files ") for note in notes(machine))


def test_without_an_engine_the_rest_is_run(machine: Machine) -> None:
    machine.command("docker", "exit 1")
    done = run(machine, IMAGE="cars/stepfunctions-local:1")
    assert done.returncode == 0, done.stderr
    assert "only root may start one" in done.stderr
    assert "tests that need one are skipped" in done.stdout
    assert "-s test [ ]" in notes(machine)
    assert [note for note in notes(machine) if "image" in note or "container" in note] == []


def test_without_an_image_the_rest_is_run(machine: Machine) -> None:
    done = run(machine)
    assert done.returncode == 0, done.stderr
    assert "only root can make it" in done.stderr
    assert "-s test [ ]" in notes(machine)


def test_an_image_that_is_named_is_used_as_it_is(machine: Machine) -> None:
    run(machine, STEPFUNCTIONS_LOCAL_IMAGE="our/image:3")
    assert "-s test [container our/image:3]" in notes(machine)
    assert not any(note.startswith("-s image") for note in notes(machine))


@pytest.mark.parametrize("broken", ["", "test"])
def test_an_engine_lasts_as_long_as_the_run_that_started_it(machine: Machine, broken: str) -> None:
    machine.command("docker", DOCKER)
    machine.command("dockerd", DOCKERD)
    for name, script in {"id": "echo 0", "apt-get": "", "debootstrap": ""}.items():
        machine.command(name, script)
    done = run(machine, IMAGE="cars/stepfunctions-local:1", BROKEN=broken)
    assert done.returncode == (1 if broken else 0), done.stderr
    assert "-s test [container cars/stepfunctions-local:1]" in notes(machine)
    assert "stopped dockerd" in done.stdout
    assert not machine.answers.exists()


def test_an_engine_that_was_there_before_stays(machine: Machine) -> None:
    machine.answers.touch()
    machine.command("docker", DOCKER)
    done = run(machine, IMAGE="cars/stepfunctions-local:1")
    assert done.returncode == 0, done.stderr
    assert machine.answers.exists()


def test_the_first_step_that_fails_is_the_last(machine: Machine) -> None:
    done = run(machine, IMAGE="cars/stepfunctions-local:1", BROKEN="test")
    assert done.returncode == 1
    assert notes(machine)[-1].startswith("-s test")
