"""`python -m stepfunctions_local_test.main_job`, the program behind `nox -s local`."""

from stepfunctions_local_test.main_job.cli import app

app(prog_name="nox -s local --")
