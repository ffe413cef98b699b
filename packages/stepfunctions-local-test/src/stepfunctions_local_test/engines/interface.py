"""The interface of an engine: a client of Step Functions whose tasks answer from a mock configuration."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from stepfunctions_local_test.errors import StatesError

NAMES = ("embedded", "container")


class Engine(Protocol):
    """Runs state machines. `simulated`: its time is virtual, and `takes` of scenarios is supported."""

    name: str
    simulated: bool
    at_once: int

    def missing(self) -> str | None:
        """The reason why it cannot run here, None when it can."""

    def serve(self, mock_config: Path) -> AbstractContextManager[Any]:
        """Start it and yield a boto3 client."""


def engine_of(name: str) -> Engine:
    """The engine of that name. Raises StatesError."""
    makers: dict[str, Callable[[], Engine]] = {"embedded": _embedded, "container": _container}
    if name not in makers:
        raise StatesError(f"engine {name!r} is unknown; known are {', '.join(NAMES)}")
    return makers[name]()


def _embedded() -> Engine:
    from stepfunctions_local_test.engines.embedded import Embedded

    return Embedded()


def _container() -> Engine:
    from stepfunctions_local_test.engines.container import Container

    return Container()
