"""Entry point: checks the results of a layer. A failure of the database log does not change the answer."""

import os
from collections.abc import Mapping
from typing import Any, Protocol

from aws_lambda_powertools.logging import Logger

from edv_check_results import batches, core, postgres
from edv_check_results.errors import BadEvent
from edv_check_results.events import Request, Result, parse
from process_control.causes import shorten
from process_control.outcomes import Outcome

LOG_ERROR_BYTES = {"layer": 500, "item": 100}  # an item's answer is kept once per table

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "edv-check-results"))


class Log(Protocol):
    """The database log; a method returns None, or the reason why nothing was written."""

    def check(self, checked: core.Check, execution: str | None) -> str | None: ...
    def failure(self, failed: core.Failure, layer: str, execution: str | None) -> str | None: ...
    def outcomes(self, layer: str, tables: list[str], execution: str) -> Mapping[str, Outcome]: ...


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Check a layer's results (mode layer), or shorten one failed table (mode item)."""
    try:
        request = parse(event)
    except BadEvent as error:
        logger.error("bad event", reason=str(error))
        raise
    log = postgres.operation_log(context)
    return item(request, log) if request.mode == "item" else layer(request, log)


def layer(request: Request, log: Log) -> dict[str, Any]:
    """Check the results of a layer and log the outcome."""
    checked = core.check(request.layer, _tables(request, log))
    answer = core.answer(checked)
    logger.info(
        "results checked",
        layer=request.layer,
        execution=request.execution,
        success=answer["successCount"],
        failed=answer["failedTables"],
        can_continue=answer["canContinue"],
    )
    return answer | _logged(request, log.check(checked, request.execution))


def _tables(request: Request, log: Log) -> tuple[Result, ...]:
    """The results by table; those of a landing are batches."""
    if request.layer != batches.LANDING:
        return request.results
    failed = batches.failed_tables(request.results)
    known = log.outcomes(request.layer, failed, request.execution) if failed and request.execution else {}
    return batches.tables(request.results, known)


def item(request: Request, log: Log) -> dict[str, Any]:
    """Shorten one failed table and log its whole reason."""
    [result] = request.results
    failed = core.failure(result)
    logger.error(
        "table skipped" if failed.skipped else "table failed",
        layer=request.layer,
        execution=request.execution,
        table_name=failed.table_name,
        error=failed.error,
        reason=shorten(failed.reason, 4000),
    )
    logged = _logged(request, log.failure(failed, request.layer, request.execution))
    return core.item(result, request.layer, request.planned) | logged


def _logged(request: Request, problem: str | None) -> dict[str, Any]:
    if problem is None:
        return {"logged": True}
    logger.warning(
        "not written to the database log",
        layer=request.layer,
        execution=request.execution,
        table_name=request.results[0].table_name if request.mode == "item" else None,
        reason=problem,
    )
    return {"logged": False, "log_error": shorten(problem, LOG_ERROR_BYTES[request.mode])}
