"""The default engine: moto's interpreter, in this process, with its gaps closed."""

from dataclasses import dataclass
from pathlib import Path

from stepfunctions_local_test.engines.interpreter import install_interpreter
from stepfunctions_local_test.engines.virtual_clock import VirtualClock
from stepfunctions_local_test.glue.runtime import GlueRuntime
from stepfunctions_local_test.lambdas.runtime import LambdaRuntime
from stepfunctions_local_test.patches import (
    cfn_resources,
    sfn_aliases,
    sfn_clients,
    sfn_clock,
    sfn_glue,
    sfn_mocks,
    sfn_versions,
)
from stepfunctions_local_test.server.account import Account


@dataclass(frozen=True, slots=True)
class EmbeddedEngine:
    """moto's interpreter; `virtual_time` makes waiting free, `mock_config` holds answers for mocked executions."""

    virtual_time: bool = False
    mock_config: Path | None = None
    name: str = "embedded"

    def install(self, account: Account, glue: GlueRuntime, lambdas: LambdaRuntime) -> None:
        """Switch the interpreter on and put our runtimes under its service tasks."""
        install_interpreter(account)
        sfn_clients.install(account, lambdas)
        sfn_glue.install(glue, account.guard)
        sfn_versions.install()
        sfn_aliases.install()
        cfn_resources.install()
        if self.virtual_time:
            clock = VirtualClock()
            sfn_clock.install_virtual(clock)
            sfn_mocks.install(self.mock_config, sleep=clock.sleep)
        else:
            sfn_mocks.install(self.mock_config)

    def close(self) -> None:
        """Its executions end with the process."""
