"""Entry point: event -> release or target schema -> plan. Reads S3, changes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger

from edv_build_processing_plan.config_release import Store, read_release
from edv_build_processing_plan.core import build_plan
from edv_build_processing_plan.errors import BadEvent, PlanError
from edv_build_processing_plan.events import Request, parse
from edv_build_processing_plan.landing import build_landing_plan, tables_of
from edv_build_processing_plan.s3 import S3Store, client
from edv_build_processing_plan.target_schema import read_schema

_LOGGED = ("data_src_nm", "run_type", "start_date", "release", "counts", "stgTables", "dvGroups", "batches")

logger = Logger(service=os.environ.get("POWERTOOLS_SERVICE_NAME", "edv-build-processing-plan"))


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """The plan of a run; raises a PlanError that names the way out."""
    try:
        request = parse(event, today=datetime.now(UTC).date(), own_env=os.environ.get("CARS_ENV", ""))
        return (
            landing_plan(request, schema_places()) if request.layer == "LANDING" else plan(request, store())
        )
    except PlanError as error:
        execution = event.get("execution") if isinstance(event, Mapping) else None
        reason = {"execution": execution, "error": type(error).__name__, "reason": str(error)}
        logger.error("no plan", extra=reason)
        raise


def plan(request: Request, releases: Store) -> dict[str, Any]:
    """Read the current release and plan `request` with it."""
    return _logged(request, build_plan(request, read_release(releases)))


def landing_plan(request: Request, places: Sequence[tuple[Store, str]]) -> dict[str, Any]:
    """Read the target schema and plan the landing `request` with it."""
    data, where = read_schema(places)
    return _logged(request, build_landing_plan(request, tables_of(data, where), where))


def _logged(request: Request, answer: dict[str, Any]) -> dict[str, Any]:
    execution = {"execution": request.execution}
    logger.info("plan built", extra=execution | {key: answer[key] for key in _LOGGED if key in answer})
    for warning in answer["warnings"]:
        logger.warning(warning, extra=execution)
    return answer


def store() -> S3Store:
    """The store of the config root at CONFIG_BUCKET and CONFIG_PREFIX."""
    bucket = os.environ.get("CONFIG_BUCKET", "")
    if not bucket:
        raise BadEvent("environment variable CONFIG_BUCKET is not set; deploy the function again")
    return S3Store(client(), bucket, os.environ.get("CONFIG_PREFIX", ""))


def schema_places() -> list[tuple[Store, str]]:
    """The places of the target schema, in the order in which they are tried: TARGET_SCHEMA_FILES, joined by blanks."""
    urls = os.environ.get("TARGET_SCHEMA_FILES", "").split()
    places = [re.fullmatch(r"s3://([^/]+)/(?:(.*)/)?([^/]+)", url) for url in urls]
    if not places or None in places:
        raise BadEvent(
            f"environment variable TARGET_SCHEMA_FILES must hold s3:// addresses, got {' '.join(urls)!r}; "
            "deploy the function again"
        )
    return [(S3Store(client(), found[1], found[2] or ""), found[3]) for found in places if found]
