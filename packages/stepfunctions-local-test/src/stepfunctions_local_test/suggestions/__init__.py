"""A scenario for a branch that nothing walks yet, derived from the definition."""

from stepfunctions_local_test.suggestions.suggest import suggest
from stepfunctions_local_test.suggestions.suggestion import Suggestion

__all__ = ["Suggestion", "suggest"]
