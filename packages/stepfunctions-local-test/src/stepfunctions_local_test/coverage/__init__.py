"""The branches of a machine that executions covered."""

from stepfunctions_local_test.coverage.count import Coverage, count
from stepfunctions_local_test.coverage.items import GROUPS, Item, items

__all__ = ["GROUPS", "Coverage", "Item", "count", "items"]
