"""`python -m stepfunctions_local_test.states`, the program behind `nox -s states`."""

from stepfunctions_local_test.states.cli import app

app(prog_name="nox -s states --")
