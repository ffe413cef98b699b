"""Both servers together, for as long as a program runs, and the environment to reach them."""

import shlex
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

from local_aws.postgres import EmbeddedPostgres
from local_aws.server import LocalAws

DEFAULT_DATABASE = "local"


def start(
    running: ExitStack,
    *,
    database: str | None = DEFAULT_DATABASE,
    keep_data: Path | None = None,
    **options: Any,
) -> dict[str, str]:
    """Start both servers, side by side, for as long as `running` lasts; the answer is the environment to reach them.

    Without a `database` there is no Postgres. `options` are those of `LocalAws`.
    """
    aws = LocalAws(**options)
    if database is None:
        running.enter_context(aws)
        return dict(aws.env)
    server = EmbeddedPostgres(databases=(database,), data_dir=keep_data)
    servers: list[AbstractContextManager[object]] = [aws, server]
    with ThreadPoolExecutor() as side_by_side:
        list(side_by_side.map(running.enter_context, servers))
    return {
        **aws.env,
        "PGHOST": server.host,
        "PGPORT": str(server.port),
        "PGUSER": server.user,
        "PGPASSWORD": server.password,
        "PGDATABASE": database,
    }


def exports(environment: dict[str, str]) -> str:
    """Lines for a shell: `export NAME=value`."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
