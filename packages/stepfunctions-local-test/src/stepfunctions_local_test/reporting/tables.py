"""The result on a console: scenarios with their engines, coverage, problems, suggestions."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stepfunctions_local_test.coverage import GROUPS
from stepfunctions_local_test.coverage.count import Counts
from stepfunctions_local_test.history.reading import LIMIT
from stepfunctions_local_test.reporting.printing import print_whole
from stepfunctions_local_test.result import Compared, Result
from stepfunctions_local_test.running import Outcome

SUGGESTED = 3  # on the console; all of them are in states.json


def show(console: Console, result: Result) -> None:
    """Print all tables, all problems, and the first suggestions."""
    print_whole(console, _scenarios(result))
    for skip in result.skipped:
        _line(console, f"engine {skip.engine} was skipped: {skip.reason}", "yellow")
    print_whole(console, _coverage(result))
    for one in result.coverages:
        for item, reason in one.exceptions.items():
            _line(console, f"exception {item.text}: {reason}")
    for problem in result.problems():
        _line(console, problem, "red")
    _suggestions(console, result)
    _line(console, _summary(result), "bold")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)


def _scenarios(result: Result) -> Table:
    table = Table(title="scenarios", title_justify="left")
    table.add_column("scenario")
    table.add_column("ends")
    table.add_column("simulated s", justify="right")
    for engine in result.engines:
        table.add_column(f"{engine}, real s", justify="right")
    table.add_column(f"largest state of {LIMIT:,}", justify="right")
    table.add_column("events", justify="right")
    table.add_column("")
    for one in result.compared:
        verdict = Text("differs", "red") if one.problems else Text("ok", "green")
        table.add_row(*_row(one, result.engines), verdict)
    return table


def _row(one: Compared, engines: tuple[str, ...]) -> Iterator[str]:
    by_engine = {outcome.engine: outcome for outcome in one.outcomes}
    first = one.outcomes[0]
    simulated = next((outcome.simulated for outcome in one.outcomes if outcome.simulated is not None), None)
    largest = max((outcome.largest for outcome in one.outcomes), key=lambda found: found.size)
    yield from (one.scenario.name, first.status, "" if simulated is None else f"{simulated:,.1f}")
    yield from (_real(by_engine.get(engine)) for engine in engines)
    yield from (f"{largest.size:,} {largest.state}", f"{len(first.replay.events):,}")


def _real(outcome: Outcome | None) -> str:
    return "-" if outcome is None else f"{outcome.real:.2f}"


def _coverage(result: Result) -> Table:
    table = Table(title="branches covered, of all (and excepted)", title_justify="left")
    table.add_column("machine")
    for group in (*GROUPS, "all"):
        table.add_column(group, justify="right")
    table.add_column("", justify="right")
    for one in result.coverages:
        counts: list[Any] = [one.of(group) for group in GROUPS]
        percent = Text(f"{one.total.percent:.1f} %", "green" if one.complete else "red")
        table.add_row(one.graph.name, *map(_counts, counts), _counts(one.total), percent)
    return table


def _counts(counts: Counts) -> str:
    excepted = f" ({counts.excepted})" if counts.excepted else ""
    return f"{counts.covered}/{counts.all}{excepted}"


def _suggestions(console: Console, result: Result) -> None:
    for machine, one in result.suggestions[:SUGGESTED]:
        _line(console, f"\n{machine}: nothing covers {one.item.text}; a scenario that does:", "bold")
        _line(console, one.text().rstrip())
    left = len(result.suggestions) - SUGGESTED
    if left > 0:
        _line(console, f"{left} more suggestions are in states.json")


def _summary(result: Result) -> str:
    ran = sum(len(one.outcomes) for one in result.compared)
    failed = sum(bool(one.problems) for one in result.compared)
    engines = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in result.engine_seconds.items())
    return (
        f"scenarios {len(result.compared)}, executions {ran}, scenarios that differ {failed}, "
        f"findings {len(result.findings)}, {result.seconds:.1f} s ({engines or 'no engine ran'})"
    )
