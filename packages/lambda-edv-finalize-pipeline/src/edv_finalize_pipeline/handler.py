"""Entry point: computes status and summary of a run. A failure of the database log does not change the answer."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Protocol

from aws_lambda_powertools.logging import Logger

from edv_finalize_pipeline import core, postgres
from edv_finalize_pipeline.errors import BadEvent
from edv_finalize_pipeline.events import Request, parse

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "edv-finalize-pipeline"))


class RunLog(Protocol):
    """The database log; returns None, or the reason why nothing was written."""

    def finished(
        self, request: Request, status: core.Status, end_date: date, summary: Mapping[str, Any]
    ) -> str | None: ...


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The run's status and summary; raises `BadEvent` for a bad event."""
    try:
        request = parse(event)
    except BadEvent as error:
        logger.error("bad event", reason=str(error))
        raise
    return finalize(request, datetime.now(UTC).date(), postgres.run_log(context))


def finalize(request: Request, end_date: date, log: RunLog) -> dict[str, Any]:
    """Compute status and summary, log them, answer."""
    status = core.status(request)
    summary = core.summary(request, end_date)
    details = core.details(request)
    logger.info(
        "run finished",
        execution=request.execution,
        status=status,
        totals=summary["totals"],
        root_error=details["rootError"],
        not_run=details["notRun"],
    )
    logged = _logged(request, log.finished(request, status, end_date, summary))
    return {"status": status, "summary": summary, **details, **logged}


def _logged(request: Request, problem: str | None) -> dict[str, Any]:
    if problem is None:
        return {"logged": True}
    logger.warning("not written to the database log", execution=request.execution, reason=problem)
    return {"logged": False, "log_error": problem}
