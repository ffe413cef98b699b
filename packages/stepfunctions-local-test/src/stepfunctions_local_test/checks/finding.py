"""What a check finds, and the names of the checks."""

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
    """A data file of the checks that cannot be read as one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong; `state` is "" where it is the machine's as a whole. The message says where, what, the way out."""

    check: str
    machine: str
    state: str
    message: str

    def __str__(self) -> str:
        place = f"{self.machine}, {self.state}" if self.state else self.machine
        return f"{self.check}: {place}: {self.message}"
