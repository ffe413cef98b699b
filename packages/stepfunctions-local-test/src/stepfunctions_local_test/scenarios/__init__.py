"""Scenario files: the answers of tasks in a run of a state machine, and the expected outcome."""

from stepfunctions_local_test.scenarios.folder import Suite, load
from stepfunctions_local_test.scenarios.model import Expectation, Scenario

__all__ = ["Expectation", "Scenario", "Suite", "load"]
