"""Checks of staging scripts that installed distributions bring along; the deployer imports none of them.

An entry point of the group `cars.staging_check` is a callable that takes a script's path and text and raises. The
Glue job's list of allowed constructs comes in that way.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points

from deployer.configs.problems import Problem
from deployer.configs.scan import Scan
from deployer.errors import ReleaseError

GROUP = "cars.staging_check"
NONE_INSTALLED = (
    f"staging scripts were not checked: no installed distribution has an entry point of the group {GROUP},"
    " so what the Glue job refuses is found only when it runs; install glue-datamart-exec beside the deployer,"
    " as nox does"
)

StagingCheck = Callable[[str, str], None]


def installed_checks() -> list[StagingCheck]:
    """In order of name; raises `ReleaseError` for one that cannot be loaded."""
    return [_loaded(point) for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)]


def check_problems(scans: Iterable[Scan], checks: Iterable[StagingCheck]) -> Iterator[Problem]:
    """What the checks refuse among the staging scripts in which the scan found nothing wrong."""
    applied = list(checks)
    for scanned in scans:
        script = scanned.script
        if script.layer != "STG" or scanned.problems:
            continue
        for check in applied:
            try:
                check(script.path, script.text)
            except Exception as error:
                yield Problem(script.path, 0, str(error).removeprefix(script.path).lstrip(":, "))


def _loaded(point: EntryPoint) -> StagingCheck:
    try:
        check: StagingCheck = point.load()
    except (ImportError, AttributeError) as error:
        raise ReleaseError(
            f"the staging check {point.name} ({point.value}) cannot be loaded: {error};"
            " install its distribution with all that it needs"
        ) from error
    return check
