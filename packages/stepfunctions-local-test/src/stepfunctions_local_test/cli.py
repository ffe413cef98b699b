"""`python -m stepfunctions_local_test serve`: the local AWS and a Postgres, until they are told to stop."""

import json
import shlex
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from stepfunctions_local_test.errors import LocalAwsError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Local AWS and an embedded Postgres.")

DATABASE = "EDV"


@app.callback()
def main() -> None:
    """Local AWS and an embedded Postgres."""


@app.command()
def serve(  # noqa: PLR0913 every option is an argument
    port: Annotated[int, typer.Option(help="port of the endpoint on 127.0.0.1; 0 takes a free one")] = 0,
    postgres: Annotated[
        bool, typer.Option(help="also serve an embedded Postgres with a database EDV")
    ] = True,
    keep_data: Annotated[Path | None, typer.Option(help="keep the Postgres data in this directory")] = None,
    engine: Annotated[str, typer.Option(help="what runs state machines: embedded or container")] = "embedded",
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
                postgres=postgres,
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


def start(
    running: ExitStack,
    *,
    port: int,
    postgres: bool,
    keep_data: Path | None,
    engine: str = "embedded",
    **options: Any,
) -> dict[str, str]:
    """Start both servers, side by side, for as long as `running` lasts; the answer is the environment to reach them.

    `options` are those of `LocalAws`.
    """
    from stepfunctions_local_test.postgres import EmbeddedPostgres
    from stepfunctions_local_test.server import LocalAws

    aws = LocalAws(port=port, engine=engine, **options)
    server = EmbeddedPostgres(databases=(DATABASE,), data_dir=keep_data)
    servers: list[AbstractContextManager[object]] = [aws, server] if postgres else [aws]
    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(running.enter_context, servers))
    if not postgres:
        return dict(aws.env)
    return {
        **aws.env,
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": server.user,
        "PGPASSWORD": server.password,
        "PGDATABASE": DATABASE,
    }


def exports(environment: dict[str, str]) -> str:
    """Lines for a shell: `export NAME=value`."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
