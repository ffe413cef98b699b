"""The command line of the proof of permissions."""

import json
import time
from enum import Enum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cars_acceptance.main_job import options as job_options
from cars_acceptance.main_job.cli import BuildDir, CarConfigs, DeployerPython, ReportDir, start
from cars_acceptance.main_job.errors import MainJobError
from cars_acceptance.main_job.progress import Progress
from cars_acceptance.permissions.environments import EVERYTHING, PLAIN
from cars_acceptance.permissions.mutation_run import failures
from cars_acceptance.permissions.program import run
from cars_acceptance.permissions.report import as_dict, show, write
from cars_acceptance.permissions.scenario_context import ScenarioError
from local_aws.errors import LocalAwsError

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


class Chosen(str, Enum):
    """The environments to prove."""

    ALL = "all"
    EVERYTHING = "everything"
    PLAIN = "plain"


ENVIRONMENTS = {Chosen.ALL: (EVERYTHING, PLAIN), Chosen.EVERYTHING: (EVERYTHING,), Chosen.PLAIN: (PLAIN,)}
Environment = Annotated[
    Chosen, typer.Option(help="`everything` has all optional keys of an environment file, `plain` has none")
]
AsJson = Annotated[bool, typer.Option("--json", help="print the report as JSON, all else on standard error")]


@app.command()
def main(
    environment: Environment = Chosen.ALL,
    car_configs: CarConfigs = None,
    build_dir: BuildDir = None,
    report_dir: ReportDir = None,
    deployer_python: DeployerPython = None,
    as_json: AsJson = False,
) -> None:
    """Deploy to a local AWS that enforces IAM, use every permission, then remove each in turn and expect a failure.

    Exit code 0 when every permission is used and each removal makes a scenario fail, else 1.
    """
    console, began = Console(stderr=as_json), time.monotonic()
    try:
        options = job_options.located(car_configs, build_dir, report_dir, deployer_python)
        runs = run(options, ENVIRONMENTS[environment], Progress(console), start)
    except (LocalAwsError, ScenarioError) as error:
        _fail(console, error)
    problems = [f"{one.environment}: {problem}" for one in runs for problem in failures(one)]
    outcome: dict[str, Any] = as_dict(runs, problems, time.monotonic() - began)
    show(console, runs, outcome)
    console.print(f"report: {write(options.report_dir, outcome)}", highlight=False, soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(outcome, ensure_ascii=False))
    raise typer.Exit(1 if problems else 0)


def _fail(console: Console, error: Exception) -> None:
    console.print(f"[bold red]error[/bold red]: {escape(str(error))}", highlight=False, soft_wrap=True)
    for text in (error.details, error.hint) if isinstance(error, MainJobError) else ():
        if text:
            console.print(escape(text), highlight=False, soft_wrap=True)
    raise typer.Exit(1) from error
