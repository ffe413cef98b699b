"""What an engine is, and which one runs."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol

from local_aws.access.guard import Guard
from local_aws.emulator.account import Account
from local_aws.errors import LocalAwsError
from local_aws.glue.runtime import GlueRuntime
from local_aws.lambdas.runtime import LambdaRuntime
from local_aws.simulation.mock_config import MockConfig

DEFAULT = "embedded"
GROUP = "local_aws.engines"  # entry points of other packages: name -> callable(mock_config) -> Engine


class EngineError(LocalAwsError):
    """The wanted engine cannot run."""


class Engine(Protocol):
    """Executes the state machines that are created at the endpoint."""

    @property
    def name(self) -> str:
        """`embedded`, or the name of the entry point that offers it."""

    def install(self, account: Account, guard: Guard, glue: GlueRuntime, lambdas: LambdaRuntime) -> None:
        """Make the endpoint's Step Functions API run executions with this engine."""

    def close(self) -> None:
        """Stop everything that `install` has started."""


def choose(name: str, *, virtual_time: bool = False, mock_config: Path | None = None) -> Engine:
    """The engine of that name; raises `EngineError` when it is unknown or cannot do what is asked of it,
    `MockConfigError` for a file that cannot be used.
    """
    if mock_config:
        MockConfig.read(mock_config)
    if name == DEFAULT:
        from local_aws.engines.embedded import EmbeddedEngine

        return EmbeddedEngine(virtual_time, mock_config)
    offered = _offered()
    if name not in offered:
        raise EngineError(f"engine {name!r} is unknown; known are {', '.join([DEFAULT, *sorted(offered)])}")
    if virtual_time:
        raise EngineError(f"engine {name!r} has no virtual time; use {DEFAULT!r}")
    make: Callable[[Path | None], Engine] = offered[name].load()
    return make(mock_config)


def _offered() -> dict[str, EntryPoint]:
    """The engines of installed packages by name."""
    return {point.name: point for point in entry_points(group=GROUP)}
