"""Entry point: event -> release -> plan. Reads S3, changes nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from edv_build_processing_plan.config_release import Store, read_release
from edv_build_processing_plan.core import build_plan
from edv_build_processing_plan.errors import BadEvent, PlanError
from edv_build_processing_plan.events import Request, parse
from edv_build_processing_plan.s3 import S3Store, client

_LOGGED = ("data_src_nm", "run_type", "start_date", "release", "counts", "stgTables", "dvGroups")

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "edv-build-processing-plan"))


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """The plan of a run; raises a PlanError that names the way out."""
    try:
        request = parse(event, today=datetime.now(UTC).date(), own_env=os.environ.get("CARS_ENV", ""))
        return plan(request, store())
    except PlanError as error:
        execution = event.get("execution") if isinstance(event, Mapping) else None
        reason = {"execution": execution, "error": type(error).__name__, "reason": str(error)}
        logger.error("no plan", extra=reason)
        raise


def plan(request: Request, releases: Store) -> dict[str, Any]:
    """Read the current release and plan `request` with it."""
    answer = build_plan(request, read_release(releases))
    execution = {"execution": request.execution}
    logger.info("plan built", extra=execution | {key: answer[key] for key in _LOGGED})
    for warning in answer["warnings"]:
        logger.warning(warning, extra=execution)
    return answer


def store() -> S3Store:
    """The store of the config root at CONFIG_BUCKET and CONFIG_PREFIX."""
    bucket = os.environ.get("CONFIG_BUCKET", "")
    if not bucket:
        raise BadEvent("environment variable CONFIG_BUCKET is not set; deploy the function again")
    return S3Store(client(), bucket, os.environ.get("CONFIG_PREFIX", ""))
