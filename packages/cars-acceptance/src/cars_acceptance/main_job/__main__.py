"""`python -m cars_acceptance.main_job`, the program behind `nox -s local`."""

from cars_acceptance.main_job.cli import app

app(prog_name="nox -s local --")
