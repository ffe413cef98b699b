"""What an engine is, and which one runs."""

from pathlib import Path
from typing import Protocol

from stepfunctions_local_test.engines.mock_config import MockConfig
from stepfunctions_local_test.errors import LocalAwsError
from stepfunctions_local_test.glue.runtime import GlueRuntime
from stepfunctions_local_test.lambdas.runtime import LambdaRuntime
from stepfunctions_local_test.server.account import Account

ENGINES = ("embedded", "container")


class EngineError(LocalAwsError):
    """The wanted engine cannot run."""


class Engine(Protocol):
    """Executes the state machines that are created at the endpoint."""

    @property
    def name(self) -> str:
        """`embedded` or `container`."""

    def install(self, account: Account, glue: GlueRuntime, lambdas: LambdaRuntime) -> None:
        """Make the endpoint's Step Functions API run executions with this engine."""

    def close(self) -> None:
        """End what `install` has started."""


def choose(name: str, *, virtual_time: bool = False, mock_config: Path | None = None) -> Engine:
    """The engine of that name; raises `EngineError` when it is unknown or cannot do what is asked of it,
    `MockConfigError` for a file that cannot be used.
    """
    if mock_config:
        MockConfig.read(mock_config)
    if name == "embedded":
        from stepfunctions_local_test.engines.embedded import EmbeddedEngine

        return EmbeddedEngine(virtual_time, mock_config)
    if name not in ENGINES:
        raise EngineError(f"engine {name!r} is unknown; known are {', '.join(ENGINES)}")
    if virtual_time:
        raise EngineError(f"engine {name!r} has no virtual time; use 'embedded'")
    from stepfunctions_local_test.engines.container import ContainerEngine

    return ContainerEngine(mock_config)
