"""The run report on the console."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stepfunctions_local_test.main_job.check import Difference
from stepfunctions_local_test.main_job.report import COLUMNS, Pass, RunReport, counties, rows_in

SHOWN_DIFFERENCES = 20


def show(console: Console, report: RunReport) -> None:
    """Tables and rows of the last run, acres per county, differences or failure, and the verdict."""
    if report.passes:
        last = report.passes[-1]
        console.print(_tables(last))
        console.print(_acres(last, report))
    if report.differences:
        console.print(_differences(report.differences))
    if report.failure:
        _failure(console, report)
    console.print(_verdict(report), highlight=False, soft_wrap=True)


def _tables(item: Pass) -> Table:
    table = Table(title=f"tables after {item.title}", title_justify="left")
    for name in ("layer", "table", "load"):
        table.add_column(name)
    for name in ("rows loaded", "rows in table", "seconds"):
        table.add_column(name, justify="right")
    for load in item.checked.loads:
        seconds = "" if load.seconds is None else f"{load.seconds:.2f}"
        rows = rows_in(item.checked, load.layer, load.table)
        table.add_row(load.layer, load.table, load.status, str(load.rows), rows, seconds)
    return table


def _acres(item: Pass, report: RunReport) -> Table:
    table = Table(title=f"current acres in the vault after {item.title}", title_justify="left")
    table.add_column("county")
    for name in COLUMNS:
        table.add_column(name.replace("_", " "), justify="right")
    for place, acres in counties(item.checked, report.names):
        table.add_row(escape(place), *acres)
    return table


def _differences(differences: list[Difference]) -> Table:
    table = Table(title=f"differences: {len(differences)}", title_justify="left", title_style="bold red")
    for name in ("what", "key", "expected", "found"):
        table.add_column(name, overflow="fold")
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


def _verdict(report: RunReport) -> str:
    compared = sum(item.checked.totals for item in report.passes)
    if report.result == "ok":
        return (
            f"[bold green]ok[/bold green]: runs compared: {len(report.passes)}, {compared} control totals equal to the "
            f"last digit, {report.seconds:.1f} s"
        )
    return f"[bold red]{report.result}[/bold red] after {report.seconds:.1f} s"
