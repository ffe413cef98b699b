"""The Pythons of the other Glue versions: syntax here, names of the standard library by mypy (`python_version`)."""

from __future__ import annotations

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
    found = [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"))]
    return next((str(python) for python in found if python and starts(str(python))), None)


def starts(python: str) -> bool:
    """A version manager's stand-in may not."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


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
