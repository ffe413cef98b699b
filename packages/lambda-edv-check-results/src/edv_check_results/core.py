"""Checks the results of a layer. Pure.

The run continues when a table was loaded. One failed table does not stop the others: the load of a vault table skips
itself when its staging table failed.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from edv_check_results.causes import is_skip, reason
from edv_check_results.events import Result
from process_control.causes import shorten

ITEM_CAUSE_BYTES = 150
ROOT_CAUSE_BYTES = (
    500  # also for each item of a layer with few tables, because one of them becomes the root error
)
FEW_TABLES = 100
ERROR_NAME_BYTES = 100
# State data is limited to 262,144 bytes and holds four of these lists, in some states twice
NAMES_BYTES = 24_000


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed table, the name of its error and the whole reason."""

    table_name: str
    error: str
    reason: str

    @property
    def skipped(self) -> bool:
        return is_skip(self.reason)


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a layer; `failures` are in the order of the run and include skipped tables."""

    layer: str
    success_count: int
    failures: tuple[Failure, ...]

    @property
    def can_continue(self) -> bool:
        return self.success_count > 0

    @property
    def root(self) -> Failure | None:
        """The first failed table that was not skipped; the first skipped one when there is no other."""
        return next((each for each in self.failures if not each.skipped), next(iter(self.failures), None))


def check(layer: str, results: Sequence[Result]) -> Check:
    """Count the results of a layer and collect its failures."""
    failures = tuple(failure(result) for result in results if result.status == "FAILED")
    return Check(layer, len(results) - len(failures), failures)


def failure(result: Result) -> Failure:
    """The failure of a result, with the message read out of its Cause."""
    error = result.error
    name = (error.Error if error else None) or "Unknown"
    return Failure(result.table_name, name, reason(error.Cause if error else None))


def answer(checked: Check) -> dict[str, Any]:
    """The Lambda's answer. A list too long for the state data is cut, and a second key counts the omitted names."""
    failed = [each.table_name for each in checked.failures]
    skipped = [each.table_name for each in checked.failures if each.skipped]
    return {
        "successCount": checked.success_count,
        "failedCount": len(failed),
        **_names("failedTables", failed),
        "canContinue": checked.can_continue,
        "skippedCount": len(skipped),
        **_names("skippedTables", skipped),
        "rootError": None if checked.root is None else _root_error(checked.root),
    }


def item(result: Result, layer: str, planned: int | None = None) -> dict[str, Any]:
    """One failed table, so small that the state data can hold one for each of the layer's `planned` tables.

    Without `planned`, one for each of a thousand tables.
    """
    failed = failure(result)
    limit = ROOT_CAUSE_BYTES if planned is not None and planned <= FEW_TABLES else ITEM_CAUSE_BYTES
    group = {} if result.groupIndex is None else {"groupIndex": result.groupIndex}
    return {
        "table_name": result.table_name,
        "status": "FAILED",
        "layer": result.layer or layer,
        **group,
        "error": {
            "Error": shorten(failed.error, ERROR_NAME_BYTES),
            "Cause": shorten(failed.reason, limit),
        },
    }


def sentence(checked: Check) -> str:
    """The layer's result in one sentence, for the log table."""
    total = checked.success_count + len(checked.failures)
    skipped = sum(each.skipped for each in checked.failures)
    text = f"{checked.layer}: {checked.success_count} of {total} tables loaded"
    if not checked.failures:
        return text
    names = ", ".join(each.table_name for each in checked.failures[:20])
    more = f" and {len(checked.failures) - 20} more" if len(checked.failures) > 20 else ""
    return f"{text}, {len(checked.failures) - skipped} failed, {skipped} skipped: {names}{more}"


def _root_error(root: Failure) -> dict[str, str]:
    return {
        "table_name": root.table_name,
        "Error": shorten(root.error, ERROR_NAME_BYTES),
        "Cause": shorten(root.reason, ROOT_CAUSE_BYTES),
    }


def _names(key: str, names: list[str]) -> dict[str, Any]:
    kept = list(_within(names, NAMES_BYTES))
    omitted = len(names) - len(kept)
    return {key: kept} | ({f"{key}Omitted": omitted} if omitted else {})


def _within(names: Iterable[str], limit: int) -> Iterable[str]:
    size = 0
    for name in names:
        size += len(json.dumps(name)) + 1
        if size > limit:
            return
        yield name
