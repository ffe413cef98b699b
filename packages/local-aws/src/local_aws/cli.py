"""`python -m local_aws serve`: the local AWS and a Postgres, until they are told to stop."""

import json
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from local_aws.errors import LocalAwsError
from local_aws.serving import DEFAULT_DATABASE, exports, start

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Local AWS and an embedded Postgres.")


@app.callback()
def main() -> None:
    """Local AWS and an embedded Postgres."""


@app.command()
def serve(  # noqa: PLR0913 every option is an argument
    port: Annotated[int, typer.Option(help="port of the endpoint on 127.0.0.1; 0 takes a free one")] = 0,
    postgres: Annotated[bool, typer.Option(help="also serve an embedded Postgres")] = True,
    database: Annotated[str, typer.Option(help="the Postgres database to create")] = DEFAULT_DATABASE,
    keep_data: Annotated[Path | None, typer.Option(help="keep the Postgres data in this directory")] = None,
    engine: Annotated[
        str, typer.Option(help="runs state machines: embedded, or one that a package offers")
    ] = "embedded",
    enforce_iam: Annotated[
        bool, typer.Option(help="let roles and users do only what their policies allow")
    ] = True,
    virtual_time: Annotated[
        bool, typer.Option("--virtual-time", help="waits, retries and time limits of machines cost no time")
    ] = False,
    mock_config: Annotated[
        Path | None,
        typer.Option(help="answers of tasks for executions started at ARN#CASE, as in SFN_MOCK_CONFIG"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print the environment as one line of JSON")
    ] = False,
) -> None:
    """Serve the local AWS and print the environment variables that boto3, the AWS CLI and psql need."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with ExitStack() as running:
            environment = start(
                running,
                port=port,
                database=database if postgres else None,
                keep_data=keep_data,
                engine=engine,
                enforce=enforce_iam,
                virtual_time=virtual_time,
                mock_config=mock_config,
            )
            typer.echo(json.dumps(environment) if as_json else exports(environment))
            stopped.wait()
    except LocalAwsError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error
