"""Status and summary of a run. Pure.

Totals count the planned tables: a table that was never tried (the vault, when all of staging failed) is not loaded.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Literal

from edv_finalize_pipeline.events import Check, Request, RootError

Status = Literal["SUCCESS", "PARTIAL_SUCCESS", "FAILED"]

NAMES_BYTES = 24_000  # of each list of names; state data is limited to 262,144 bytes


def status(request: Request) -> Status:
    """SUCCESS when every planned table was loaded, FAILED when none was, PARTIAL_SUCCESS between."""
    planned = request.counts.stg + request.counts.dv
    success = request.stage.successCount + request.edv.successCount
    failed = request.stage.failedCount + request.edv.failedCount
    if failed == 0 and success >= planned:
        return "SUCCESS"
    return "PARTIAL_SUCCESS" if success else "FAILED"


def summary(request: Request, end_date: date) -> dict[str, Any]:
    """The run's summary, as dashboards read it."""
    counts, stage, edv = request.counts, request.stage, request.edv
    success = stage.successCount + edv.successCount
    return {
        "data_src_nm": request.data_src_nm,
        **({"layer": request.layer} if request.layer else {}),
        "run_type": request.run_type,
        "start_date": request.start_date,
        "end_date": end_date.isoformat(),
        "stage": {"total": counts.stg, **_ended(stage)},
        "edv": {"total": counts.dv, "groups": counts.dvGroups, **_ended(edv)},
        "totals": {
            "tables": counts.stg + counts.dv,
            "success": success,
            "failed": stage.failedCount + edv.failedCount,
            "successRate": success_rate(success, counts.stg + counts.dv),
        },
    }


def details(request: Request) -> dict[str, Any]:
    """Details for the engineer: the root error, the skipped tables, and the number of tables that were never tried."""
    counts, stage, edv = request.counts, request.stage, request.edv
    return {
        "rootError": _as_json(root_error(request)),
        "skippedTables": {**_names("stage", stage.skippedTables), **_names("edv", edv.skippedTables)},
        "notRun": {"stage": _not_run(counts.stg, stage), "edv": _not_run(counts.dv, edv)},
    }


def root_error(request: Request) -> RootError | None:
    """The first failure of the run that is not a skipped table; the first skipped table when there is no other."""
    found = [root for root in (request.stage.rootError, request.edv.rootError) if root is not None]
    return next((root for root in found if not root.is_skip), next(iter(found), None))


def root_text(request: Request) -> str | None:
    """The root error in one line."""
    root = root_error(request)
    return None if root is None else f"{root.table_name}: {root.Cause or root.Error or 'no cause was given'}"


def success_rate(success: int, total: int) -> str:
    """A percentage with one decimal: `N/A` for no tables, `100.0%` only when every table was loaded."""
    if total == 0:
        return "N/A"
    rate = f"{100 * success / total:.1f}%"
    return "99.9%" if rate == "100.0%" and success < total else rate


def _ended(check: Check) -> dict[str, Any]:
    names = _names("failedTables", check.failedTables)
    return {"success": check.successCount, "failed": check.failedCount, **names}


def _not_run(planned: int, check: Check) -> int:
    return max(0, planned - check.successCount - check.failedCount)


def _as_json(root: RootError | None) -> dict[str, Any] | None:
    if root is None:
        return None
    return {
        "table_name": root.table_name,
        "Error": root.Error or "Unknown",
        "Cause": (root.Cause or "")[:500],
    }


def _names(key: str, names: Sequence[str]) -> dict[str, Any]:
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
