"""The engine `container`: executions run in a container of Step Functions Local, everything else in this process.

Machines, versions, aliases, tags and the checks of definitions are the endpoint's own. The container calls Lambda, Glue
and Step Functions of this endpoint as its administrator: it knows nothing of the machine's role.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.config import Config
from docker.errors import DockerException

from local_aws.access.guard import Guard
from local_aws.emulator.account import Account
from local_aws.glue.runtime import GlueRuntime
from local_aws.lambdas.runtime import LambdaRuntime
from local_aws.patches import stepfunctions
from stepfunctions_local_test.container_engine import executions
from stepfunctions_local_test.container_engine.mirror import Mirror
from stepfunctions_local_test.containers.stepfunctions_local import StepFunctionsLocalContainer

ONCE = Config(max_pool_connections=100, parameter_validation=False, retries={"total_max_attempts": 1})


class ContainerEngine:
    """Its container starts with the endpoint, whose port it must know, and is removed with it."""

    name = "container"

    def __init__(self, mock_config: Path | None = None) -> None:
        self._mock_config = mock_config
        self._container: Any = None

    def install(self, account: Account, guard: Guard, glue: GlueRuntime, lambdas: LambdaRuntime) -> None:
        """Start the container and put it under the API's executions; raises ContainerError when none can run here."""
        self._container = StepFunctionsLocalContainer(
            endpoint_url=account.endpoint_url,
            account=account.account,
            region=account.region,
            mock_config=self._mock_config,
            port=0,
        ).start()
        stepfunctions.install(account)
        executions.install(Mirror(self._container.get_client(config=ONCE)))

    def close(self) -> None:
        """Remove the container; without a Docker engine there is none any more."""
        if self._container is not None:
            with suppress(DockerException, OSError):
                self._container.stop()
