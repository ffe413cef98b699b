"""A scenario for a branch that nothing walks yet, derived from the definition."""

from stepfunctions_local_test.states.suggesting.suggest import Suggestion, suggest

__all__ = ["Suggestion", "suggest"]
