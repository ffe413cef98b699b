"""What an engine is, and which one runs."""

from typing import Protocol

from stepfunctions_local_test.errors import LocalAwsError
from stepfunctions_local_test.glue.runtime import GlueRuntime
from stepfunctions_local_test.lambdas.runtime import LambdaRuntime
from stepfunctions_local_test.server.account import Account

ENGINES = ("embedded", "container")


class EngineError(LocalAwsError):
    """The wanted engine cannot run."""


class Engine(Protocol):
    """Executes the state machines that are created at the endpoint."""

    name: str

    def install(self, account: Account, glue: GlueRuntime, lambdas: LambdaRuntime) -> None:
        """Make the endpoint's Step Functions API run executions with this engine."""


def choose(name: str) -> Engine:
    """The engine of that name; raises `EngineError` when it is unknown or not available."""
    if name == "embedded":
        from stepfunctions_local_test.engines.embedded import EmbeddedEngine

        return EmbeddedEngine()
    if name == "container":
        raise EngineError(
            "engine 'container' (Step Functions Local) is not available in this version; use 'embedded'"
        )
    raise EngineError(f"engine {name!r} is unknown; known are {', '.join(ENGINES)}")
