"""Turns errors into one message and an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from botocore.exceptions import BotoCoreError, ClientError

from deployer.aws.denials import denial_of
from deployer.cli.terminal import say
from deployer.errors import DeployerError
from sql_tree.errors import SqlTreeError

FAILED = 1
PENDING = 2
DRIFTED = 3


def report(text: str) -> int:
    """Prints an error on standard error; returns the exit code."""
    say(f"error: {text}", style="red")
    return FAILED


def message(error: Exception) -> str:
    """The message of the error; a denied call comes with the way out."""
    denial = denial_of(error)
    if denial is None:
        return str(error)
    return str(denial) if isinstance(error, ClientError) else f"{error}\n{denial}"


@contextmanager
def explained() -> Iterator[None]:
    """Every expected error inside ends the command with its message and exit code 1, without a traceback."""
    try:
        yield
    except (DeployerError, SqlTreeError, ClientError, BotoCoreError) as error:
        raise typer.Exit(report(message(error))) from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise typer.Exit(report(f"{where}{error.strerror or error}")) from error
