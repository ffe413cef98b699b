"""A scenario for a branch that nothing walks yet, derived from the definition."""

from stepfunctions_local_test.states.suggesting.suggest import suggest
from stepfunctions_local_test.states.suggesting.suggestion import Suggestion

__all__ = ["Suggestion", "suggest"]
