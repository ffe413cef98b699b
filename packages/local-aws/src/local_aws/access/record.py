"""What was decided, and what services delivered with roles; equal entries are counted, not repeated."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from local_aws.access.evaluation import Grant


@dataclass(frozen=True, slots=True)
class Decision:
    """One permission that was asked for: by whom, for what, and which grants (or what reason) decided."""

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
    """Something that a service did with a role and of which nobody is told when it may not: logs, traces, metrics."""

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
        """Note a decision."""
        with self._lock:
            self._decisions[decision] += 1

    def deliver(self, delivery: Delivery) -> None:
        """Note a delivery."""
        with self._lock:
            self._deliveries[delivery] += 1

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._decisions.clear()
            self._deliveries.clear()

    def as_json(self) -> dict[str, Any]:
        """Everything since the last reset."""
        with self._lock:
            decisions, deliveries = list(self._decisions.items()), list(self._deliveries.items())
        return {"decisions": _counted(decisions), "deliveries": _counted(deliveries)}


def _counted(items: Sequence[tuple[Any, int]]) -> list[dict[str, Any]]:
    return [{**asdict(item), "count": count} for item, count in items]
