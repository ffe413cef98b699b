"""The run report on the console."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cars_acceptance.main_job.check import Difference
from cars_acceptance.main_job.release import MARTS, SCHEMAS
from cars_acceptance.main_job.report import COLUMNS, Pass, RunReport, counties, rows_in
from cars_acceptance.main_job.vault import TableLoad
from stepfunctions_local_test.reporting.printing import print_whole

SHOWN_DIFFERENCES = 20
LAYERS = (*SCHEMAS, *MARTS)


def show(console: Console, report: RunReport) -> None:
    """Print tables and rows of every run, acres per county, differences or failure, and the result."""
    if report.passes:
        print_whole(console, _tables(report.passes))
        if report.passes[-1].checked.acres:
            print_whole(console, _acres(report.passes[-1], report))
        print_whole(console, _runs(report.passes))
    for line in report.proof.lines() if report.proof else ():
        console.print(escape(line), highlight=False, soft_wrap=True)
    if report.differences:
        print_whole(console, _differences(report.differences))
    if report.failure:
        _failure(console, report)
    console.print(_outcome(report), highlight=False, soft_wrap=True)


def _tables(passes: Sequence[Pass]) -> Table:
    """Rows that every run loaded into every table, and the rows of each table after the last run."""
    table = Table(title="rows loaded by each run (seconds), and rows at the end", title_justify="left")
    table.add_column("layer")
    table.add_column("table")
    for number in range(1, len(passes) + 1):
        table.add_column(f"run {number}", justify="right")
    table.add_column("rows at the end", justify="right")
    loads = [{(load.layer, load.table): load for load in item.checked.loads} for item in passes]
    for layer, name in sorted(
        {key for run in loads for key in run}, key=lambda key: (LAYERS.index(key[0]), key[1])
    ):
        cells = [_loaded(run.get((layer, name))) for run in loads]
        table.add_row(layer, name, *cells, rows_in(passes[-1].checked, layer, name))
    return table


def _loaded(load: TableLoad | None) -> str:
    if load is None:
        return "-"
    rows = str(load.rows) if load.outcome == "Complete" else load.outcome
    return rows if not load.fresh or load.seconds is None else f"{rows} ({load.seconds:.2f})"


def _runs(passes: Sequence[Pass]) -> Table:
    """One line per run."""
    table = Table(title="runs", title_justify="left")
    for name in ("run", "what", "seconds", "tables", "control totals", "acres in the vault", "differences"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for number, item in enumerate(passes, 1):
        checked = item.checked
        table.add_row(
            str(number),
            item.title,
            f"{item.seconds:.1f}",
            str(len(checked.loads)),
            str(checked.totals),
            f"{checked.total_acres:f}",
            str(len(checked.differences)),
        )
    return table


def _acres(item: Pass, report: RunReport) -> Table:
    table = Table(title=f"current acres in the vault after the {item.title}", title_justify="left")
    table.add_column("county")
    for name in COLUMNS:
        table.add_column(name.replace("_", " "), justify="right")
    for county, acres in counties(item.checked, report.names):
        table.add_row(escape(county), *acres)
    return table


def _differences(differences: list[Difference]) -> Table:
    table = Table(title=f"differences: {len(differences)}", title_justify="left", title_style="bold red")
    for name in ("what", "key", "expected", "found"):
        table.add_column(name)
    for item in differences[:SHOWN_DIFFERENCES]:
        table.add_row(item.what, escape(item.key), escape(item.expected), escape(item.found))
    return table


def _failure(console: Console, report: RunReport) -> None:
    failure = report.failure or {}
    console.print(f"[bold red]failed[/bold red] in step: {escape(failure['step'])}", highlight=False)
    console.print(escape(failure["message"]), highlight=False, soft_wrap=True)
    if failure["details"]:
        console.print(escape(failure["details"]), highlight=False, soft_wrap=True, style="dim")
    if failure["hint"]:
        console.print(f"what to look at: {escape(failure['hint'])}", highlight=False, soft_wrap=True)


def _outcome(report: RunReport) -> str:
    compared = sum(item.checked.totals for item in report.passes)
    if report.result == "ok":
        totals = (
            f"{compared} control totals equal to the last digit" if compared else "no control totals compared"
        )
        return f"[bold green]ok[/bold green]: runs compared: {len(report.passes)}, {totals}, {report.seconds:.1f} s"
    return f"[bold red]{report.result}[/bold red] after {report.seconds:.1f} s"
