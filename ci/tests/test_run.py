"""`.ci/run` with a nox that only notes its words: what is run, and with containers or without."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from monorepo.packages import ROOT

NOX = """
echo "$* [$REQUIRE_ENGINE $STEPFUNCTIONS_LOCAL_IMAGE]" >>"$NOTES"
case "$2" in
image) [ -n "$IMAGE" ] && echo "$IMAGE" || { echo "only root can make it" >&2; exit 1; } ;;
"$BROKEN") exit 1 ;;
esac
"""


@dataclass(frozen=True)
class Machine:
    """A machine with a nox, Java, and an engine that answers or does not."""

    home: Path

    def command(self, name: str, script: str = "") -> None:
        path = self.home / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def run(self, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.home / 'bin'}:/usr/bin:/bin",
            "HOME": str(self.home),
            "NOTES": str(self.home / "notes"),
            "CI_BASE": "no-such-base",
            "CARS_ENGINE_HOME": str(self.home / "engine"),
            **variables,
        }
        words = ["/bin/bash", str(ROOT / ".ci" / "run")]
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)

    @property
    def notes(self) -> list[str]:
        return (self.home / "notes").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    for name in ("mvn", "javac", "docker"):
        made.command(name)
    made.command("id", "echo 1000")
    made.command("nox", NOX)
    return made


def test_with_an_engine_and_an_image_tests_of_containers_must_run(machine: Machine) -> None:
    done = machine.run(IMAGE="cars/stepfunctions-local:1")
    assert done.returncode == 0, done.stderr
    assert "-s test [container cars/stepfunctions-local:1]" in machine.notes
    assert "-s local -- --engine container [container cars/stepfunctions-local:1]" in machine.notes
    assert "-s lint [ ]" in machine.notes


def test_without_an_engine_the_rest_is_run(machine: Machine) -> None:
    machine.command("docker", "exit 1")
    done = machine.run(IMAGE="cars/stepfunctions-local:1")
    assert done.returncode == 0, done.stderr
    assert "only root may start one" in done.stderr
    assert "tests that need one are skipped" in done.stdout
    assert "-s test [ ]" in machine.notes
    assert [note for note in machine.notes if "image" in note or "container" in note] == []


def test_without_an_image_the_rest_is_run(machine: Machine) -> None:
    done = machine.run()
    assert done.returncode == 0, done.stderr
    assert "only root can make it" in done.stderr
    assert "-s test [ ]" in machine.notes


def test_an_image_that_is_named_is_used_as_it_is(machine: Machine) -> None:
    machine.run(STEPFUNCTIONS_LOCAL_IMAGE="our/image:3")
    assert "-s test [container our/image:3]" in machine.notes
    assert not any(note.startswith("-s image") for note in machine.notes)


DOCKERD = """
pid_file="${1#--pidfile=}"
trap 'rm -f "$pid_file" "$ANSWERS"; exit 0' TERM
echo $$ >"$pid_file"
touch "$ANSWERS"
while :; do sleep 0.05; done
"""


@pytest.mark.parametrize("broken", ["", "test"])
def test_an_engine_lasts_as_long_as_the_run_that_started_it(machine: Machine, broken: str) -> None:
    answers = machine.home / "answers"
    machine.command("docker", '[ -e "$ANSWERS" ]')
    machine.command("dockerd", DOCKERD)
    for name, script in {"id": "echo 0", "apt-get": "", "debootstrap": ""}.items():
        machine.command(name, script)
    done = machine.run(IMAGE="cars/stepfunctions-local:1", ANSWERS=str(answers), BROKEN=broken)
    assert done.returncode == (1 if broken else 0), done.stderr
    assert "-s test [container cars/stepfunctions-local:1]" in machine.notes
    assert "stopped dockerd" in done.stdout
    assert not answers.exists()


def test_an_engine_that_was_there_before_stays(machine: Machine) -> None:
    answers = machine.home / "answers"
    answers.touch()
    machine.command("docker", '[ -e "$ANSWERS" ]')
    done = machine.run(IMAGE="cars/stepfunctions-local:1", ANSWERS=str(answers))
    assert done.returncode == 0, done.stderr
    assert answers.exists()


def test_the_first_step_that_fails_is_the_last(machine: Machine) -> None:
    done = machine.run(IMAGE="cars/stepfunctions-local:1", BROKEN="test")
    assert done.returncode == 1
    assert machine.notes[-1].startswith("-s test")
