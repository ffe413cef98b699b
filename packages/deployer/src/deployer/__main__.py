"""`python -m deployer`."""

import sys

from deployer.cli.app import app
from deployer.cli.errors import report
from deployer.errors import DeployerError


def main() -> None:
    """Runs the command line; a known error is printed as one message and exits with 1."""
    try:
        app()
    except DeployerError as error:
        sys.exit(report(str(error)))


if __name__ == "__main__":
    main()
