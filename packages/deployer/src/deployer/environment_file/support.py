"""End of support of Lambda runtimes and Glue versions: one table each, with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class End:
    """The day on which support ends, and the day from which AWS refuses updates (Glue: runs)."""

    support: date
    use: date


# AWS Lambda developer guide, "Lambda runtimes": deprecation date and "block function update", as of November 2026.
RUNTIMES: Mapping[str, End] = {
    "python3.11": End(date(2027, 6, 30), date(2027, 8, 31)),
    "python3.12": End(date(2028, 10, 31), date(2029, 1, 10)),
    "python3.13": End(date(2029, 6, 30), date(2029, 8, 31)),
}
# AWS Glue developer guide, "AWS Glue version support policy": for Spark jobs ends are announced up to 2.0 only, and
# the schema does not allow those versions. A version that gets a date is entered like the runtimes.
GLUE_VERSIONS: Mapping[str, End] = {}
_SOON_DAYS = 365


def over(what: str, end: End | None, today: date, way_out: str) -> str | None:
    """The problem when support has ended, otherwise None."""
    if end is None or today < end.support:
        return None
    return f"{what}: AWS ended its support on {end.support} and refuses it from {end.use} on; {way_out}"


def ending(what: str, end: End | None, today: date, way_out: str) -> str | None:
    """A note about an announced end of support, a warning in its last year."""
    if end is None or today >= end.support:
        return None
    if (end.support - today).days > _SOON_DAYS:
        return f"{what}: AWS supports it until {end.support}"
    return (
        f"warning: {what}: AWS ends its support on {end.support} and refuses it from {end.use} on; {way_out}"
    )
