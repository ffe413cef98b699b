"""The Pythons of the other Glue versions: syntax here, names of the standard library by mypy (`python_version`)."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (ROOT / "src", ROOT / "script", ROOT.parent / "process-control" / "src")


def interpreter(version: str) -> str | None:
    """An interpreter of that version, on the path or under pyenv; one that really starts."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    # glob.glob, and not Path.glob, takes a folder that this user cannot read for an empty one
    found = [
        shutil.which(f"python{version}"),
        *sorted(glob.glob(f"{glob.escape(str(pyenv))}/versions/{version}.*/bin/python")),  # noqa: PTH207
    ]
    return next((python for python in found if python and starts(python)), None)


def starts(python: str) -> bool:
    """A version manager's stand-in may not, or its own interpreter may be one that this user cannot read."""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def test_an_interpreter_that_cannot_start_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "python3.10"
    stand_in.write_text(f"#!{tmp_path}/absent/python\n", encoding="utf-8")
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(stand_in))  # no folder: its subfolders cannot be read either
    assert interpreter("3.10") is None


@pytest.mark.parametrize(("version", "glue"), [("3.10", "4.0"), ("3.13", "6.0")])
def test_every_module_compiles_without_a_warning(version: str, glue: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} (Glue {glue}) on this machine")
    options = (
        "-W",
        "error::SyntaxWarning",
        "-W",
        "error::DeprecationWarning",
        "-m",
        "compileall",
        "-q",
        "-f",
    )
    done = subprocess.run(
        [python, *options, *map(str, FOLDERS)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)},
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert list(tmp_path.rglob("datamart_exec/main.*.pyc"))
