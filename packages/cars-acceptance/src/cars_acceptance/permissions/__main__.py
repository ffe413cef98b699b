"""`python -m cars_acceptance.permissions`, the program behind `nox -s permissions`."""

from cars_acceptance.permissions.cli import app

app(prog_name="nox -s permissions --")
