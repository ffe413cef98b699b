"""Runs scenarios on an engine and compares their outcomes."""

from stepfunctions_local_test.running.compare import differences, disagreements
from stepfunctions_local_test.running.outcome import Outcome
from stepfunctions_local_test.running.run import run

__all__ = ["Outcome", "differences", "disagreements", "run"]
