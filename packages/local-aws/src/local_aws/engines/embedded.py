"""The default engine: moto's interpreter, in this process, with its gaps closed."""

from dataclasses import dataclass
from pathlib import Path

from local_aws.access.guard import Guard
from local_aws.emulator.account import Account
from local_aws.glue.runtime import GlueRuntime
from local_aws.lambdas.runtime import LambdaRuntime
from local_aws.patches import stepfunctions
from local_aws.patches.stepfunctions import clients, glue_tasks
from local_aws.simulation import mocked_tasks, waiting
from local_aws.simulation.virtual_clock import VirtualClock


@dataclass(frozen=True, slots=True)
class EmbeddedEngine:
    """moto's interpreter; `virtual_time` makes waiting free, `mock_config` holds answers for mocked executions."""

    virtual_time: bool = False
    mock_config: Path | None = None
    name: str = "embedded"

    def install(self, account: Account, guard: Guard, glue: GlueRuntime, lambdas: LambdaRuntime) -> None:
        """Switch the interpreter on and connect its service tasks to our runtimes."""
        stepfunctions.install(account)
        clients.install(account, guard, lambdas)
        glue_tasks.install(glue, guard)
        # Last: it wraps the start of executions.
        if self.virtual_time:
            clock = VirtualClock()
            waiting.install_virtual(clock)
            mocked_tasks.install(self.mock_config, sleep=clock.sleep)
        else:
            mocked_tasks.install(self.mock_config)

    def close(self) -> None:
        """Its executions end with the process."""
