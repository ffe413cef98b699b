"""How the progress of an apply is shown."""

import io

from rich.console import Console
from support.prepared_plans import TAGS

from deployer.applying.attempt import Outcome
from deployer.aws.transient_errors import TransientError
from deployer.model.resources import LogGroup
from deployer.planning.plan import Create, Delete
from deployer.views.progress import Progress, shown_on

MAKE = Create(LogGroup("new", 1, TAGS))
DROP = Delete(LogGroup("old", 1, TAGS))


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def rendered(progress: Progress) -> list[str]:
    console = Console(file=io.StringIO(), record=True, width=200)
    console.print(progress)
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_a_live_view_shows_what_runs_since_when_and_why_it_waits() -> None:
    clock = Clock()
    progress = Progress(3, clock)
    progress.started(MAKE)
    clock.now += 5
    progress.started(DROP)
    progress.waiting(DROP, TransientError.THROTTLED, 8.0)
    clock.now += 2
    assert rendered(progress) == [
        "+ log group new  7 s",
        "- log group old  2 s  throttled, trying again in 6 s",
        "0 of 3 done",
    ]
    clock.now += 7
    assert rendered(progress)[1] == "- log group old  9 s"
    assert progress.finished(Outcome(MAKE)) == 14.0
    progress.finished(Outcome(DROP, OSError("no")))
    assert rendered(progress) == ["1 of 3 done, 1 failed"]


def test_more_than_a_screenful_is_counted() -> None:
    progress = Progress(40, Clock())
    for number in range(20):
        progress.started(Create(LogGroup(f"g{number}", 1, TAGS)))
    assert rendered(progress)[-2:] == ["  and 5 more", "0 of 40 done"]


def _carry_out(console: Console) -> None:
    clock = Clock()
    with shown_on(console, [MAKE, DROP], clock) as listener:
        listener.started(MAKE)
        listener.waiting(MAKE, TransientError.BUSY, 0.5)
        clock.now += 1.26
        listener.finished(Outcome(MAKE))
        listener.started(DROP)
        listener.finished(Outcome(DROP, OSError("no such thing")))


def test_a_log_gets_one_line_per_event_and_nothing_else() -> None:
    file = io.StringIO()
    _carry_out(Console(file=file, soft_wrap=True, highlight=False))
    assert file.getvalue().splitlines() == [
        ". log group new: another update is in progress, trying again in 0.5 s",
        "+ log group new done in 1.3 s",
        "! log group old: no such thing",
    ]


def test_a_terminal_gets_a_view_that_disappears_at_the_end() -> None:
    file = io.StringIO()
    _carry_out(Console(file=file, force_terminal=True, width=120, color_system=None, _environ={}))
    text = file.getvalue()
    assert "+ log group new done in 1.3 s" in text
    assert "of 2 done" in text
    assert "trying again" not in text
    erase_line = "\x1b[2K"
    assert erase_line in text[text.rindex("of 2 done") :]
