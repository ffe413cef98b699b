"""Commands of several packages at a time."""

import os
import sys
from functools import partial
from pathlib import Path

import pytest

from monorepo.packages import MonorepoError
from monorepo.side_by_side import Command, run_all


def _python(code: str, folder: Path) -> Command:
    return Command([sys.executable, "-c", code], folder, dict(os.environ))


def test_what_fails_is_shown_whole_and_what_works_with_its_last_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # a pipe gets what is printed at the end, and what an exit says at once, unless Python is told otherwise
    bad = "import sys; print('why', flush=True); sys.exit('it failed')"
    good = "print('much'); print('= 3 passed =')"
    done = run_all({"one": lambda: _python(good, tmp_path), "two": lambda: _python(bad, tmp_path)})
    assert [(run.name, run.code) for run in done] == [("one", 0), ("two", 1)]
    shown = capsys.readouterr().out
    assert "one: 3 passed" in shown
    assert "much" not in shown
    assert f"{'=' * 20} two {'=' * 20}\nwhy\nit failed\n" in shown


def test_what_cannot_be_made_has_failed_and_the_others_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def cannot() -> Command:
        raise MonorepoError("one cannot be installed")

    done = run_all({"one": cannot, "two": lambda: _python("", tmp_path)})
    assert [(run.name, run.code, run.started) for run in done] == [("one", 1, False), ("two", 0, True)]
    assert "one cannot be installed" in capsys.readouterr().out
    assert [run.code for run in run_all({"one": cannot})] == [1]


def test_two_run_at_once(tmp_path: Path) -> None:
    """Each waits for the file that the other writes, so one after the other would never end."""
    wait = (
        "import pathlib, time; end = time.monotonic() + 60\n"
        "pathlib.Path('{mine}').touch()\n"
        "while not pathlib.Path('{theirs}').exists():\n"
        "    assert time.monotonic() < end\n"
    )
    commands = {
        mine: partial(_python, wait.format(mine=mine, theirs=theirs), tmp_path)
        for mine, theirs in (("one", "two"), ("two", "one"))
    }
    if (os.cpu_count() or 1) < 2:
        pytest.skip("one core runs one at a time")
    assert [run.code for run in run_all(commands)] == [0, 0]


def test_one_command_runs_in_the_open(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (done,) = run_all({"one": lambda: _python("print('seen at once')", tmp_path)})
    assert (done.code, done.output) == (0, "")
    assert capfd.readouterr().out == "seen at once\n"
