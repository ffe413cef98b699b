"""Findings, and the names of the checks."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA = "schema"
LINKS = "links"
UNREACHABLE = "unreachable"
ENDLESS = "endless"
TIMEOUT = "timeout"
DEFAULT = "default"
MATCHING = "matching"
SWALLOWED = "swallowed"
RESOURCES = "resources"
LIMITS = "limits"
PATHS = "paths"
UNKNOWN_PATHS = "paths-unknown"
CONTRACTS = "contracts"
ACCEPTED = "accepted"
DRAWING = "drawing"

CHECKS = (
    SCHEMA,
    LINKS,
    UNREACHABLE,
    ENDLESS,
    TIMEOUT,
    DEFAULT,
    MATCHING,
    SWALLOWED,
    RESOURCES,
    LIMITS,
    PATHS,
    UNKNOWN_PATHS,
    CONTRACTS,
    ACCEPTED,
    DRAWING,
)


class ChecksError(ValueError):
    """An invalid data file of the checks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `state` is "" when it concerns the whole machine. The message has the place, the value and the fix."""

    check: str
    machine: str
    state: str
    message: str

    def __str__(self) -> str:
        place = f"{self.machine}, {self.state}" if self.state else self.machine
        return f"{self.check}: {place}: {self.message}"
