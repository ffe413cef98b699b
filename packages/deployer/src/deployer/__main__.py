"""`python -m deployer`."""

import sys

import typer

from deployer.cli.app import app
from deployer.cli.errors import FAILED


def main() -> None:
    """Runs the command line. A wrong option exits with 1: 2 is what `plan` says when changes are pending."""
    try:
        app()
    except SystemExit as stopped:
        wrongly_used = isinstance(stopped.__context__, typer.TyperException)
        sys.exit(FAILED if wrongly_used else stopped.code)


if __name__ == "__main__":
    main()
