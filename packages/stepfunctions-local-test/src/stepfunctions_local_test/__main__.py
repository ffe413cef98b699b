"""`python -m stepfunctions_local_test`."""

from stepfunctions_local_test.cli import app

app(prog_name="python -m stepfunctions_local_test")
