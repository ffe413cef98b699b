"""Scenarios run on an engine, and what came of them."""

from stepfunctions_local_test.states.running.compare import differences, disagreements
from stepfunctions_local_test.states.running.outcome import Outcome
from stepfunctions_local_test.states.running.run import run

__all__ = ["Outcome", "differences", "disagreements", "run"]
