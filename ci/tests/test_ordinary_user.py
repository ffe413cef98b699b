"""`.ci/run` as root: what needs no root runs as an ordinary user; users and interpreters are only scripts here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from monorepo.packages import ROOT

from .machine import Machine

COPIED = (".ci/run", "ci/ordinary-user", "ci/docker/engine")
# A user is a line in a file; what runs "as" the user runs as whoever runs this test, with the environment it is given.
COMMANDS = {
    "id": "echo 0",
    "mvn": "",
    "javac": "",
    "docker": "",
    "apt-get": "",
    "chown": "",
    "pgrep": "exit 1",
    "useradd": 'echo "${@: -1}:x:1:1::$2:/bin/bash" >"$HOME/passwd"',
    "userdel": 'rm "$HOME/passwd"',
    "getent": 'cat "$HOME/passwd" 2>/dev/null',
    "setpriv": 'until [ "$1" = -- ]; do shift; done; shift; exec "$@"',
    "nox": 'echo "root $*" >>"{notes}"',
    "python3": 'case "$*" in "-m venv"*) mkdir -p "$3/bin" && cp {home}/user/* "$3/bin" ;; *) exit {python} ;; esac',
}
NOX_OF_USER = """#!/bin/bash
echo "user $*" >>"{notes}"
env | cut -d= -f1 | grep -v '^_$\\|PWD\\|SHLVL' | sort >"{home}/environment"
find . -type f | sort >"{home}/tree"
mkdir -p build/junit && touch build/junit/x.xml
[ "$2" != "{broken}" ]
"""


def prepared(tmp_path: Path, *, python: int = 0, broken: str = "") -> Machine:
    """Root on a machine with a checkout of three files and more, in git, one of them ignored."""
    made, checkout = Machine(tmp_path), tmp_path / "checkout"
    values = {
        "notes": str(tmp_path / "notes"),
        "home": str(tmp_path),
        "python": str(python),
        "broken": broken,
    }
    for name, script in COMMANDS.items():
        for key, value in values.items():
            script = script.replace(f"{{{key}}}", value)
        made.command(name, script)
    (tmp_path / "user").mkdir()
    for name, script in {"nox": NOX_OF_USER.format(**values), "pip": "#!/bin/bash\n"}.items():
        (tmp_path / "user" / name).write_text(script, encoding="utf-8")
        (tmp_path / "user" / name).chmod(0o755)
    for name in COPIED:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    for name, text in {".gitignore": "*.pyc\nbuild/\n", "a b.py": "", "a.pyc": "", "build/old": ""}.items():
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text(text, encoding="utf-8")
    return made


def run(machine: Machine) -> subprocess.CompletedProcess[str]:
    return machine.bash(
        machine.home / "checkout" / ".ci" / "run", CARS_SYSTEM_PATH=machine.path, SECRET="of root's"
    )


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("in_git", [True, False])
def test_both_commands_of_the_readme_run_as_a_user_with_an_empty_environment(
    tmp_path: Path, in_git: bool
) -> None:
    machine = prepared(tmp_path)
    if in_git:
        subprocess.run(["git", "init", "--quiet", str(tmp_path / "checkout")], check=True)
    done = run(machine)
    assert done.returncode == 0, done.stderr
    assert {"user -s local", "user -s test", "root -s test -- --skipped"} <= set(lines(tmp_path / "notes"))
    assert "root -s test" not in lines(tmp_path / "notes")
    assert lines(tmp_path / "environment") == ["HOME", "PATH"]


def test_the_export_has_what_git_would_have_and_no_git(tmp_path: Path) -> None:
    machine = prepared(tmp_path)
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "checkout")], check=True)
    run(machine)
    inner = [path for path in lines(tmp_path / "tree") if not path.startswith("./build/")]
    assert inner == sorted(["./.gitignore", "./a b.py", *(f"./{name}" for name in COPIED)])


@pytest.mark.parametrize("broken", ["", "lint"])
def test_results_are_copied_back_and_the_user_is_removed(tmp_path: Path, broken: str) -> None:
    machine = prepared(tmp_path, broken=broken)
    done = run(machine)
    assert done.returncode == (1 if broken else 0), done.stderr
    assert (tmp_path / "checkout" / "build" / "junit" / "x.xml").exists()
    assert not (tmp_path / "passwd").exists()
    home = next(word for word in done.stdout.split() if word.startswith("/tmp/cars-"))
    assert not Path(home).parent.exists()


def test_without_a_python_for_the_user_everything_runs_as_root_and_says_why(tmp_path: Path) -> None:
    machine = prepared(tmp_path, python=1)
    done = run(machine)
    assert done.returncode == 0, done.stderr
    assert "has no Python 3.11 with venv; install python3 and python3-venv" in done.stderr
    assert "everything runs as root" in done.stdout
    assert {"root -s local", "root -s test"} <= set(lines(tmp_path / "notes"))
    assert not any(line.startswith("user") for line in lines(tmp_path / "notes"))
    assert not (tmp_path / "passwd").exists()


def test_an_unknown_word_is_refused(tmp_path: Path) -> None:
    done = prepared(tmp_path).bash(ROOT / "ci" / "ordinary-user", "restart")
    assert (done.returncode, done.stderr) == (
        2,
        "ordinary-user takes start, run, fetch or stop, got 'restart'\n",
    )
