"""Scenario files: how a run of a state machine is answered, and what it must do."""

from stepfunctions_local_test.scenarios.folder import Suite, load
from stepfunctions_local_test.scenarios.model import Expectation, Scenario

__all__ = ["Expectation", "Scenario", "Suite", "load"]
