"""Progress of an apply: a live view on a terminal, one line per finished change elsewhere."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from deployer.applying.attempt import Listener, Outcome
from deployer.aws.transient_errors import TransientError
from deployer.model.resources import Key
from deployer.planning.plan import Change
from deployer.views.description import action_of
from deployer.views.phrases import SIGNS

Clock = Callable[[], float]
_MOST_RUNNING = 15


@dataclass
class Running:
    """A change in progress: since when, until when it waits, and why."""

    change: Change
    since: float
    until: float = 0.0
    reason: TransientError | None = None


@dataclass
class Progress:
    """Running and finished changes with their durations; called from many threads."""

    total: int
    clock: Clock = time.monotonic
    done: int = 0
    failed: int = 0
    running: dict[Key, Running] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def started(self, change: Change) -> None:
        with self._lock:
            self.running[change.key] = Running(change, self.clock())

    def waiting(self, change: Change, reason: TransientError, seconds: float) -> None:
        with self._lock:
            self.running[change.key].reason = reason
            self.running[change.key].until = self.clock() + seconds

    def finished(self, outcome: Outcome) -> float:
        """Counts a change that has ended; returns the seconds it took."""
        with self._lock:
            ended = self.running.pop(outcome.change.key)
            self.failed += outcome.error is not None
            self.done += outcome.error is None
            return self.clock() - ended.since

    def __rich__(self) -> Group:
        """What runs now, longest first, and the count."""
        with self._lock:
            now = self.clock()
            running = sorted(self.running.values(), key=lambda item: item.since)
            count = f"{self.done} of {self.total} done{f', {self.failed} failed' if self.failed else ''}"
        more = len(running) - _MOST_RUNNING
        lines = [_running(item, now) for item in running[:_MOST_RUNNING]]
        lines += [Text(f"  and {more} more", style="dim")] if more > 0 else []
        return Group(*lines, Text(count, style="bold"))


@contextmanager
def shown_on(
    console: Console, changes: Sequence[Change], clock: Clock = time.monotonic
) -> Iterator[Listener]:
    """A listener with the view that suits the console, while the changes are applied."""
    progress = Progress(len(changes), clock)
    if not console.is_terminal:
        yield _listener(progress, console, waits=True)
        return
    with Live(progress, console=console, refresh_per_second=4, transient=True) as live:
        yield _listener(progress, live.console, waits=False)


def _listener(progress: Progress, console: Console, *, waits: bool) -> Listener:
    """Prints finished changes (above a live view, if there is one), and waits where there is no live view."""

    def waiting(change: Change, reason: TransientError, seconds: float) -> None:
        progress.waiting(change, reason, seconds)
        if waits:
            message = f". {change.key}: {reason.value}, trying again in {seconds:.1f} s"
            console.print(Text(message, style="yellow"))

    def finished(outcome: Outcome) -> None:
        console.print(finished_line(outcome, progress.finished(outcome)))

    return Listener(progress.started, waiting, finished)


def finished_line(outcome: Outcome, seconds: float) -> Text:
    """One change that has ended."""
    if outcome.error is not None:
        return Text(f"! {outcome.change.key}: {outcome.error}", style="red")
    sign, colour = SIGNS[action_of(outcome.change)]
    return Text(f"{sign} {outcome.change.key} done in {seconds:.1f} s", style=colour)


def _running(item: Running, now: float) -> Text:
    sign, colour = SIGNS[action_of(item.change)]
    line = Text(f"{sign} {item.change.key}", style=colour)
    line.append(f"  {now - item.since:.0f} s", style="dim")
    if item.reason and item.until > now:
        line.append(f"  {item.reason.value}, trying again in {item.until - now:.0f} s", style="yellow")
    return line
