"""`python -m stepfunctions_local_test`, the program behind `nox -s states`."""

from stepfunctions_local_test.cli import app

app(prog_name="nox -s states --")
