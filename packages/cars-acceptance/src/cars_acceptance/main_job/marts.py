"""Loads the marts of a release with the deployed Glue job, one after the other."""

from datetime import date
from typing import Any

from cars_acceptance.main_job import schemas
from cars_acceptance.main_job.release import MARTS, Release


def load(glue: Any, job: str, release: Release, day: date, *, initial: bool) -> int:
    """Load every mart in loading order; returns how many. Raises MainJobError at the first that fails."""
    tables = release.of(*MARTS)
    for table in tables:
        kind = "initial" if initial else "incremental"
        schemas.run_job(glue, job, schemas.arguments(table.layer, table.name, day.isoformat(), run_type=kind))
    return len(tables)
