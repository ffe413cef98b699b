"""Shows the running step and the duration of each: a live line on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape


@dataclass
class Step:
    """One step: its start in seconds, its duration, its status, and a note."""

    title: str
    started: float
    seconds: float = 0.0
    status: str = "running"
    note: str = ""


class Progress:
    """The steps so far; `clock` returns seconds."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self.steps: list[Step] = []
        self._clock = clock
        self._start = clock()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._start

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Time one step; an exception marks it as failed and propagates."""
        step = Step(title, self.elapsed)
        self.steps.append(step)
        try:
            with self._showing(title):
                yield step
            step.status = "done"
        except BaseException:
            step.status = "failed"
            raise
        finally:
            step.seconds = self.elapsed - step.started
            self._finished(step)

    def line(self, text: str) -> None:
        """Print an output line of a step's command."""
        self.console.print(f"           [dim]{escape(text)}[/dim]", highlight=False, soft_wrap=True)

    @contextmanager
    def _showing(self, title: str) -> Iterator[None]:
        if self.console.is_terminal:
            with self.console.status(escape(title)):
                yield
        else:
            self._print(f"{escape(title)} ...")
            yield

    def _finished(self, step: Step) -> None:
        colour = "green" if step.status == "done" else "red"
        note = f" ({escape(step.note)})" if step.note else ""
        self._print(f"{escape(step.title)}: [{colour}]{step.status}[/{colour}] in {step.seconds:.1f} s{note}")

    def _print(self, text: str) -> None:
        self.console.print(f"\\[{self.elapsed:6.1f} s] {text}", highlight=False, soft_wrap=True)
