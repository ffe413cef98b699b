"""Progress of a run: a live table on a terminal, one line per finished table elsewhere."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from deployer.execution.follow import Result
from deployer.execution.progress import RunProgress, Status, TableRun

_COLOURS = {Status.RUNNING: "cyan", Status.SUCCEEDED: "green", Status.FAILED: "red", Status.SKIPPED: "yellow"}
_RUNNING_SHOWN = 6


class View(Protocol):
    """Shows the tables whose status changed."""

    def show(self, changed: Iterable[TableRun]) -> None: ...


class PlainView:
    """Lines for a log file: finished tables only."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, changed: Iterable[TableRun]) -> None:
        for table in changed:
            if table.status is not Status.RUNNING:
                self._console.print(line(table))


class LiveView:
    """A live table per layer; failures are printed above it."""

    def __init__(self, live: Live, progress: RunProgress) -> None:
        self._live = live
        self._progress = progress

    def show(self, changed: Iterable[TableRun]) -> None:
        for table in changed:
            if table.status in {Status.FAILED, Status.SKIPPED}:
                self._live.console.print(line(table))
        self._live.update(layers(self._progress))


@contextmanager
def view_of(console: Console, progress: RunProgress) -> Iterator[View]:
    """The view that suits the console."""
    if not console.is_terminal:
        yield PlainView(console)
        return
    with Live(layers(progress), console=console, refresh_per_second=4) as live:
        yield LiveView(live, progress)


def line(table: TableRun) -> Text:
    """One table as a line."""
    seconds = "" if table.seconds is None else f" {table.seconds:.1f} s"
    error = f": {table.error}" if table.error else ""
    return Text(
        f"{table.layer} {table.table} {table.status.value}{seconds}{error}", style=_COLOURS[table.status]
    )


def layers(progress: RunProgress) -> Table:
    """Counts per layer and what is running now."""
    table = Table("layer", "planned", "succeeded", "failed", "skipped", "running")
    seen = dict.fromkeys([*progress.planned, *(layer for layer, _ in progress.tables)])
    for layer in seen:
        mine = [run for (of, _), run in progress.tables.items() if of == layer]
        counts = {status: sum(run.status is status for run in mine) for status in Status}
        running = [run.table for run in mine if run.status is Status.RUNNING]
        shown = ", ".join(running[:_RUNNING_SHOWN]) + (" ..." if len(running) > _RUNNING_SHOWN else "")
        ended = (str(counts[status]) for status in (Status.SUCCEEDED, Status.FAILED, Status.SKIPPED))
        table.add_row(layer, str(progress.planned.get(layer, "?")), *ended, shown)
    return table


def closing(progress: RunProgress, final: Result) -> list[Text]:
    """The last lines: status, counts, duration, what failed and what was skipped, and why."""
    ok = len(progress.with_status(Status.SUCCEEDED))
    seconds = "" if progress.seconds is None else f" in {progress.seconds:.1f} s"
    style = "bold green" if final.succeeded else "bold red"
    found = [Text(f"{final.status}: {ok} of {len(progress.tables)} tables loaded{seconds}", style=style)]
    for status in (Status.FAILED, Status.SKIPPED):
        names = [f"{table.layer}.{table.table}" for table in progress.with_status(status)]
        if names:
            found.append(Text(f"{status.value}: {', '.join(names)}", style=_COLOURS[status]))
    if final.error:
        found.append(Text(f"root error: {final.error}", style="red"))
    return found
