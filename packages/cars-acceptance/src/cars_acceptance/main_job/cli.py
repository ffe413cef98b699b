"""The command line of the main job."""

import json
import signal
import threading
import traceback
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from cars_acceptance.main_job import options as job_options
from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.names import DATABASE
from cars_acceptance.main_job.pipeline import MainJob, prepare
from cars_acceptance.main_job.progress import Progress
from cars_acceptance.main_job.report import RunReport, write
from cars_acceptance.main_job.show import show
from local_aws.errors import LocalAwsError
from local_aws.serving import exports
from local_aws.serving import start as start_services


class Engine(str, Enum):
    """The engine that runs the state machines."""

    EMBEDDED = "embedded"
    CONTAINER = "container"


def parse_date(text: str | date) -> date:
    """Parse a date of the command line."""
    if isinstance(text, date):
        return text
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"must be YYYY-MM-DD, got {text!r}") from error
    if not job_options.EARLIEST <= day <= job_options.LATEST:
        raise typer.BadParameter(f"must be from {job_options.EARLIEST} to {job_options.LATEST}, got {text!r}")
    return day


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


Farms = Annotated[int, typer.Option(min=1, max=job_options.MOST_FARMS, help="farms to generate")]
Days = Annotated[
    int, typer.Option(min=0, max=job_options.MOST_DAYS, help="incremental days after the initial one")
]
Day = Annotated[
    date, typer.Option("--date", parser=parse_date, metavar="YYYY-MM-DD", help="date of the initial day")
]
Seed = Annotated[int, typer.Option(help="another seed makes another source")]
Totals = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="CSV in USDA's published county acreage format [built in]"),
]
Late = Annotated[bool, typer.Option(help="at the end, load the day before the last again with a late file")]
Keep = Annotated[
    bool,
    typer.Option("--keep-running", help="keep AWS and Postgres running until Ctrl-C, print their variables"),
]
WithEngine = Annotated[Engine, typer.Option(help="Step Functions engine")]
CarConfigs = Annotated[
    Path | None, typer.Option(metavar="DIR", help="SQL tree, also one without model or DDL [car_configs]")
]
DatabaseSql = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="SQL to run in the local database first, e.g. tables that other teams own"
    ),
]
BuildDir = Annotated[Path | None, typer.Option(help="output folder of `nox -s build` [build]")]
ReportDir = Annotated[Path | None, typer.Option(help="folder for the report [build/reports]")]
DeployerPython = Annotated[
    str | None, typer.Option(help="interpreter that has the deployer [CARS_DEPLOYER, this one]")
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="print the report as JSON on standard output, all else on standard error"),
]


@app.command()
def main(  # noqa: PLR0913 every option is an argument
    farms: Farms = job_options.DEFAULT_FARMS,
    days: Days = job_options.DEFAULT_DAYS,
    day: Day = job_options.DEFAULT_DATE,
    seed: Seed = job_options.DEFAULT_SEED,
    control_totals: Totals = None,
    late: Late = True,
    keep_running: Keep = False,
    engine: WithEngine = Engine.EMBEDDED,
    car_configs: CarConfigs = None,
    database_sql: DatabaseSql = None,
    build_dir: BuildDir = None,
    report_dir: ReportDir = None,
    deployer_python: DeployerPython = None,
    as_json: AsJson = False,
) -> None:
    """Deploy to a local AWS, run the EDV pipeline for an initial and some incremental days, compare the vault.

    Exit code 0 when the vault equals every control total to the last digit, 1 when anything differs or fails. Of a tree
    with other tables than those of CARS, what can be compared is compared; the report says what is not.
    """
    console = Console(stderr=as_json)
    try:
        options = replace(
            job_options.located(car_configs, build_dir, report_dir, deployer_python),
            farms=farms,
            days=days,
            day=day,
            seed=seed,
            control_totals=control_totals,
            late=late,
            keep_running=keep_running,
            engine=engine.value,
            database_sql=database_sql,
        )
        job = prepare(options, Progress(console))
    except LocalAwsError as error:
        console.print(f"[bold red]error[/bold red]: {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    report = run_and_report(job, console)
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    raise typer.Exit(0 if report.result == "ok" else 1)


def run_and_report(job: MainJob, console: Console) -> RunReport:
    """Run the job, then write and show its report; the report includes a failed step."""
    report, options = job.report, job.options
    with ExitStack() as running:
        try:
            job.run(partial(start, engine=options.engine), running)
        except Exception as error:  # the report must show every error
            report.failure = failure(job, error)
        report.seconds = job.progress.elapsed
        markdown, _ = write(report, options.report_dir, options.day)
        show(console, report)
        console.print(f"report: {markdown}", highlight=False, soft_wrap=True)
        if options.keep_running and job.environment:
            stay(console, job.environment)
    return report


def failure(job: MainJob, error: Exception) -> Mapping[str, str]:
    """The failure for the report; an unexpected error includes its traceback."""
    step = job.progress.steps[-1].title if job.progress.steps else "start"
    if isinstance(error, MainJobError):
        return {"step": step, "message": str(error), "details": error.details, "hint": error.hint}
    if isinstance(error, LocalAwsError):
        return {"step": step, "message": str(error), "details": "", "hint": ""}
    trace = "".join(traceback.format_exception(error)).rstrip()
    return {"step": step, "message": f"{type(error).__name__}: {error}", "details": trace, "hint": ""}


def start(running: ExitStack, *, engine: str = "embedded") -> Mapping[str, str]:
    """Start the local AWS and Postgres; `running` stops them."""
    return start_services(running, database=DATABASE, engine=engine)


def stay(console: Console, environment: Mapping[str, str]) -> None:
    """Print the variables and wait for Ctrl-C or a termination signal."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    console.print(escape(exports(dict(environment))), highlight=False, soft_wrap=True)
    console.print("running until Ctrl-C", highlight=False)
    stopped.wait()
