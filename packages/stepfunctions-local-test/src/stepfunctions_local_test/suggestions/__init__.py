"""Derives a scenario for an uncovered branch from the definition."""

from stepfunctions_local_test.suggestions.suggest import suggest
from stepfunctions_local_test.suggestions.suggestion import Suggestion

__all__ = ["Suggestion", "suggest"]
