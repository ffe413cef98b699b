"""The record of decisions, and of what services delivered with roles. Equal entries are counted."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from local_aws.access.evaluation import Grant


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: caller, action, resource, and the statements or the reason that decided."""

    caller: str
    principal: str
    action: str
    resource: str
    allowed: bool
    grants: tuple[Grant, ...]
    why: str = ""
    context: tuple[tuple[str, tuple[str, ...]], ...] = ()  # condition keys beside those of caller and time


@dataclass(frozen=True, slots=True)
class Delivery:
    """A log, trace or metric that a service sent with a role. AWS reports no error when the role may not."""

    role: str
    what: str
    where: str


class Record:
    """Counts decisions and deliveries; read and reset over the endpoint."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decisions: Counter[Decision] = Counter()
        self._deliveries: Counter[Delivery] = Counter()

    def add(self, decision: Decision) -> None:
        """Record a decision."""
        with self._lock:
            self._decisions[decision] += 1

    def deliver(self, delivery: Delivery) -> None:
        """Record a delivery."""
        with self._lock:
            self._deliveries[delivery] += 1

    def reset(self) -> None:
        """Delete all entries."""
        with self._lock:
            self._decisions.clear()
            self._deliveries.clear()

    def as_json(self) -> dict[str, Any]:
        """All entries since the last reset."""
        with self._lock:
            decisions, deliveries = list(self._decisions.items()), list(self._deliveries.items())
        return {"decisions": _counted(decisions), "deliveries": _counted(deliveries)}


def _counted(items: Sequence[tuple[Any, int]]) -> list[dict[str, Any]]:
    return [{**asdict(item), "count": count} for item, count in items]
