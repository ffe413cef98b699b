"""`run`: starts the EDV pipeline or the landing pipeline, and follows it."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from deployer.cli.errors import FAILED, explained
from deployer.cli.options import AsJson, ConfigDir, EnvironmentName, environment_of
from deployer.cli.terminal import print_json, say, stderr, stdout
from deployer.deploying.deployment import open_deployment
from deployer.errors import RunError
from deployer.execution.follow import Result, as_json, follow, result
from deployer.execution.progress import RunProgress
from deployer.execution.start import RunRequest, parse_date, start
from deployer.views.run import closing, view_of

Day = Annotated[str, typer.Option("--date", help="The run's date, YYYY-MM-DD.")]
Initial = Annotated[bool, typer.Option("--initial", help="An initial load instead of an incremental one.")]
DataSource = Annotated[
    str | None, typer.Option("--data-src", help="Data source [the project in upper case].")
]
Landing = Annotated[bool, typer.Option("--landing", help="The landing pipeline instead of the EDV pipeline.")]
Tables = Annotated[
    str | None, typer.Option("--tables", help="With --landing: only these tables, joined by commas.")
]


def run(
    env: EnvironmentName,
    date: Day,
    initial: Initial = False,
    data_src: DataSource = None,
    landing: Landing = False,
    tables: Tables = None,
    config_dir: ConfigDir = None,
    as_json_: AsJson = False,
) -> None:
    """Start a pipeline and follow it; exit code 1 unless every table was loaded."""
    with explained():
        day = parse_date(date)
        deployment = open_deployment(environment_of(env, config_dir))
        environment, states = deployment.environment, deployment.clients.states
        source = data_src or environment.config.project.upper()
        request = RunRequest(
            day, "initial" if initial else "incremental", source, environment.env, _chosen(tables, landing)
        )
        names = deployment.names
        machine = names.alias_arn(names.landing_pipeline if landing else names.edv_pipeline)
        arn = start(states, machine, request, datetime.now(UTC))
        say(f"started {arn}")
        progress = RunProgress()
        try:
            with view_of(stderr() if as_json_ else stdout(), progress) as view:
                for changed in follow(states, arn, progress):
                    view.show(changed)
        except KeyboardInterrupt:
            say("no longer following; the execution continues", style="yellow")
            raise typer.Exit(FAILED) from None
        _finish(progress, result(states, arn), as_json_)


def _chosen(tables: str | None, landing: bool) -> tuple[str, ...]:
    if tables and not landing:
        raise RunError(f"--tables '{tables}' chooses tables of a landing; add --landing or leave it out")
    return tuple(name.strip() for name in (tables or "").split(",") if name.strip())


def _finish(progress: RunProgress, final: Result, as_program: bool) -> None:
    if as_program:
        print_json(as_json(progress, final))
    else:
        for text in closing(progress, final):
            stdout().print(text)
    raise typer.Exit(0 if final.succeeded else FAILED)
