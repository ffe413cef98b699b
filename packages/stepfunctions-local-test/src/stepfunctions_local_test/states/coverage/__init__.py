"""Which branches of a machine its executions walked, and what would walk the others."""

from stepfunctions_local_test.states.coverage.count import Coverage, count
from stepfunctions_local_test.states.coverage.items import GROUPS, Item, items

__all__ = ["GROUPS", "Coverage", "Item", "count", "items"]
