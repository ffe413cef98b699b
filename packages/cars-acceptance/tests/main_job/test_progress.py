import io

import pytest
from rich.console import Console

from cars_acceptance.main_job.progress import Progress


def console(*, terminal: bool = False) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=200, color_system=None)


def text(shown: Console) -> str:
    assert isinstance(shown.file, io.StringIO)
    return shown.file.getvalue()


def test_steps_are_timed_and_shown_as_plain_lines_without_a_terminal() -> None:
    times = iter((100.0, 100.5, 100.5, 103.0, 103.0))
    shown = console()
    progress = Progress(shown, clock=lambda: next(times))
    with progress.step("write [initial] day") as step:
        step.note = "7 rows"
    assert text(shown) == (
        "[   0.5 s] write [initial] day ...\n[   3.0 s] write [initial] day: done in 2.5 s (7 rows)\n"
    )
    assert (step.started, step.seconds, step.status) == (0.5, 2.5, "done")


def test_a_failing_step_is_marked_and_its_error_propagates() -> None:
    shown = console(terminal=True)
    progress = Progress(shown)
    with pytest.raises(ZeroDivisionError), progress.step("deploy"):
        _ = 1 / 0
    assert progress.steps[0].status == "failed"
    assert "deploy: failed in 0.0 s" in text(shown)


def test_lines_of_a_command_are_shown_as_they_are() -> None:
    shown = console()
    Progress(shown).line("[bold]not markup[/bold]")
    assert text(shown).strip() == "[bold]not markup[/bold]"
