"""The command line of the proof of state machines."""

import json
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from local_aws.errors import LocalAwsError
from stepfunctions_local_test.drawing import draw_documentation
from stepfunctions_local_test.errors import StatesError
from stepfunctions_local_test.graph import Graph
from stepfunctions_local_test.program import Options, names_of, prove, read_machines
from stepfunctions_local_test.reporting import show, write
from stepfunctions_local_test.reporting.document import document
from stepfunctions_local_test.reporting.files import forget, write_json
from stepfunctions_local_test.result import Result
from stepfunctions_local_test.running import Outcome
from stepfunctions_local_test.scenarios import load
from stepfunctions_local_test.scenarios.mock_config import mock_config

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


class Name(str, Enum):
    """An engine."""

    EMBEDDED = "embedded"
    CONTAINER = "container"


MachinesFile = Annotated[
    Path, typer.Option("--machines", help="a file with the output of `deployer machines ENV --json`")
]
Scenarios = Annotated[
    Path, typer.Option("--scenarios", help="the folder that has a folder of scenarios for each machine")
]
Out = Annotated[Path, typer.Option("--out", help="the folder for reports/ and junit/")]
Engines = Annotated[
    list[Name] | None, typer.Option("--engine", help="an engine to run on (repeatable) [both]")
]
Only = Annotated[
    list[str] | None,
    typer.Option("--scenario", help="only this scenario (repeatable); coverage is not judged then"),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--write-mock-config",
        help="write all scenarios as an SFN_MOCK_CONFIG of Step Functions Local to this file, and run nothing",
    ),
]
Drawings = Annotated[
    Path | None,
    typer.Option("--drawings", help="the folder of the documentation's drawings; a stale one is a finding"),
]
Draw = Annotated[bool, typer.Option("--draw", help="write the drawings into --drawings, and run nothing")]
AsJson = Annotated[bool, typer.Option("--json", help="print the report as JSON, all else on standard error")]


@app.command()
def main(  # noqa: PLR0913 every option is an argument
    machines: MachinesFile,
    scenarios: Scenarios,
    out: Out,
    engine: Engines = None,
    scenario: Only = None,
    mock_config_file: ConfigFile = None,
    drawings: Drawings = None,
    draw: Draw = False,
    as_json: AsJson = False,
) -> None:
    """Run every scenario of every state machine on each engine, and report uncovered branches.

    Exit code 0 when all scenarios meet their expectations, the engines agree, the checks find nothing and every branch is
    covered, else 1. An engine that cannot run here is skipped unless REQUIRE_ENGINE names it.
    """
    console = Console(stderr=as_json)
    try:
        if mock_config_file:
            _write_mock_config(console, machines, scenarios, mock_config_file)
            return
        if draw:
            _draw(console, machines, scenarios, drawings)
            return
        forget(out)
        engines = tuple(one.value for one in engine or Name)
        result = _prove(console, Options(machines, scenarios, engines, tuple(scenario or ()), drawings))
    except LocalAwsError as error:
        console.print(f"[bold red]error[/bold red]: {escape(str(error))}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    show(console, result)
    for file in write(result, out):
        console.print(f"written: {file}", highlight=False, soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(document(result), ensure_ascii=False))
    raise typer.Exit(1 if any(result.problems()) else 0)


def _prove(console: Console, options: Options) -> Result:
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("reading scenarios, starting engines")

        def listener(outcome: Outcome) -> None:
            progress.update(task, description=f"{outcome.engine}: {outcome.scenario.name}")

        return prove(options, listener)


def _draw(console: Console, machines: Path, scenarios: Path, drawings: Path | None) -> None:
    if drawings is None:
        raise StatesError("--draw needs --drawings, the folder to draw into")
    changed = draw_documentation(read_machines(machines).definitions, drawings, names_of(scenarios))
    for path in changed:
        console.print(f"drawn: {path}", highlight=False, soft_wrap=True)
    if not changed:
        console.print(f"the drawings in {drawings} are up to date", highlight=False, soft_wrap=True)


def _write_mock_config(console: Console, machines: Path, scenarios: Path, file: Path) -> None:
    definitions = read_machines(machines).definitions
    suites = load(scenarios, [Graph.of(name, definition) for name, definition in definitions.items()])
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, mock_config(suites))
    console.print(f"written: {file}", highlight=False, soft_wrap=True)
