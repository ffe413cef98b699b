"""`python -m stepfunctions_local_test.permissions`, the program behind `nox -s permissions`."""

from stepfunctions_local_test.permissions.cli import app

app(prog_name="nox -s permissions --")
