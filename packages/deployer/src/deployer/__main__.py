"""`python -m deployer`."""

import sys

INTERRUPTED = 130


def main() -> None:
    """Runs the command line; Ctrl-C, also while modules are still loading, is one line and exit code 130."""
    try:
        code = _run()
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        sys.stderr.write("error: interrupted\n")
    sys.exit(code)


def _run() -> int | str | None:
    """The exit code. A wrong option is 1: 2 is what `plan` says when changes are pending."""
    import typer

    from deployer.cli.app import app
    from deployer.cli.errors import FAILED

    try:
        app()
    except SystemExit as stopped:
        wrongly_used = isinstance(stopped.__context__, typer.TyperException)
        return FAILED if wrongly_used else stopped.code
    return 0


if __name__ == "__main__":
    main()
