"""Runs the checks of staging scripts that installed distributions register; imports none of them by name.

An entry point of the group `cars.staging_check` is a callable that takes a script's path and text, and raises when it
refuses the script. The Glue job registers its list of allowed constructs.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points

from sqlglot import exp

from sql_tree.compiler.problems import Problem
from sql_tree.compiler.scan import Place, Scan
from sql_tree.errors import SqlTreeError

GROUP = "cars.staging_check"
NONE_INSTALLED = (
    f"staging scripts were not checked: no installed distribution has an entry point of the group {GROUP},"
    " so what the Glue job refuses is found only when it runs; install glue-datamart-exec in the same environment,"
    " as nox does"
)

PLACE = re.compile(r", line (\d+)(?:, column (\d+))?: ")

StagingCheck = Callable[[str, str], None]


def installed_checks() -> list[StagingCheck]:
    """The registered checks in order of name; raises `SqlTreeError` for one that cannot be loaded."""
    return [_loaded(point) for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)]


def check_problems(scans: Iterable[Scan], checks: Iterable[StagingCheck]) -> Iterator[Problem]:
    """One problem per check and staging script it refuses; scripts with problems of their own are left out."""
    applied = list(checks)
    for scanned in scans:
        script = scanned.script
        is_query = len(scanned.statements) == 1 and isinstance(scanned.statements[0], exp.Query)
        if script.layer != "STG" or scanned.problems or not is_query:
            continue
        for check in applied:
            try:
                check(script.path, script.text)
            except Exception as error:
                place, text = _placed(str(error).removeprefix(script.path))
                yield scanned.found(place, "staging-refused", text)


def _placed(message: str) -> tuple[Place, str]:
    """The place that a message begins with, and the rest of it."""
    match = PLACE.match(message)
    if match is None:
        return Place(), message.lstrip(":, ")
    return Place(int(match[1]), int(match[2] or 0)), message[match.end() :]


def _loaded(point: EntryPoint) -> StagingCheck:
    try:
        check: StagingCheck = point.load()
    except (ImportError, AttributeError) as error:
        raise SqlTreeError(
            f"the staging check {point.name} ({point.value}) cannot be loaded: {error};"
            " install its distribution with all that it needs"
        ) from error
    return check
