"""`python -m stepfunctions_local_test serve`: the local AWS and a Postgres, until they are told to stop."""

import json
import shlex
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from stepfunctions_local_test.errors import LocalAwsError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Local AWS and an embedded Postgres.")

DATABASE = "EDV"


@app.callback()
def main() -> None:
    """Local AWS and an embedded Postgres."""


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="port of the endpoint on 127.0.0.1; 0 takes a free one")] = 0,
    postgres: Annotated[
        bool, typer.Option(help="also serve an embedded Postgres with a database EDV")
    ] = True,
    keep_data: Annotated[Path | None, typer.Option(help="keep the Postgres data in this directory")] = None,
    engine: Annotated[str, typer.Option(help="what runs state machines: embedded or container")] = "embedded",
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
            environment = start(running, port=port, postgres=postgres, keep_data=keep_data, engine=engine)
            typer.echo(json.dumps(environment) if as_json else exports(environment))
            stopped.wait()
    except LocalAwsError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from error


def start(
    running: ExitStack, *, port: int, postgres: bool, keep_data: Path | None, engine: str = "embedded"
) -> dict[str, str]:
    """Start both servers for as long as `running` lasts and answer the environment that reaches them."""
    from stepfunctions_local_test.postgres import EmbeddedPostgres
    from stepfunctions_local_test.server import LocalAws

    environment = dict(running.enter_context(LocalAws(port=port, engine=engine)).env)
    if postgres:
        server = running.enter_context(EmbeddedPostgres(databases=(DATABASE,), data_dir=keep_data))
        environment |= {
            "PGHOST": server.host,
            "PGPORT": str(server.port),
            "PGUSER": server.user,
            "PGPASSWORD": server.password,
            "PGDATABASE": DATABASE,
        }
    return environment


def exports(environment: dict[str, str]) -> str:
    """Lines for a shell: `export NAME=value`."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
