"""Entry point: sends a notification and writes a log row for a failed run. The function does not fail with either."""

import os
from collections.abc import Mapping
from typing import Any, Protocol

from aws_lambda_powertools.logging import Logger

from edv_handle_failure import core, postgres, sns
from edv_handle_failure.errors import BadEvent
from edv_handle_failure.events import Failure, parse
from process_control.causes import shorten

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "edv-handle-failure"))


class Log(Protocol):
    """The database log; a method returns None, or the reason why nothing was written."""

    def failure(self, failure: Failure) -> str | None: ...
    def close_job(self, failure: Failure) -> str | None: ...


class Topic(Protocol):
    """The notification topic; returns None, or the reason why nothing was sent."""

    def notify(self, subject: str, message: str) -> str | None: ...


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Notify, log, answer. A wrong run key is reported like any other failure first, and then raised."""
    try:
        failure = parse(event)
    except BadEvent as error:
        logger.error("bad event", reason=str(error))
        raise
    answer = report(failure, sns.topic(), postgres.error_log(context), os.environ.get("CARS_ENV", ""))
    if failure.problems:
        raise BadEvent("; ".join(failure.problems))
    return answer


def report(failure: Failure, topic: Topic, log: Log, env: str) -> dict[str, Any]:
    """Notify people, then log. The answer and the function's log name each effect that failed."""
    logger.error(
        "pipeline failed",
        execution=failure.execution,
        run=failure.run,
        error=failure.error,
        reason=shorten(failure.reason, core.REASON_BYTES),
    )
    not_sent = topic.notify(core.subject(failure, env), core.message(failure, env))
    not_logged = log.failure(failure)
    # a database that refused the first row would refuse the second one too
    not_closed = log.close_job(failure) if not_logged is None else not_logged
    answer: dict[str, Any] = {
        "handled": True,
        "error_logged": not_logged is None,
        "notification_sent": not_sent is None,
        "job_closed": not_closed is None,
        "error_type": shorten(failure.error, 100),
        "reason": shorten(failure.reason, 500),
    }
    problems = {"notification_error": not_sent, "log_error": not_logged or not_closed}
    for key, problem in problems.items():
        if problem is not None:
            logger.warning(
                "effect failed",
                effect=key.removesuffix("_error"),
                execution=failure.execution,
                run=failure.run,
                reason=problem,
            )
            answer[key] = problem
    return answer
