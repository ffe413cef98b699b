"""The engine `container`: executions run in a container of Step Functions Local, everything else in this process.

Machines, versions, aliases, tags and the checks of definitions are the endpoint's own. The container calls Lambda, Glue
and Step Functions of this endpoint as its administrator: it knows nothing of the machine's role.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.config import Config
from docker.errors import DockerException

from stepfunctions_local_test.containers.stepfunctions_local import StepFunctionsLocalContainer
from stepfunctions_local_test.engines.interpreter import install_interpreter
from stepfunctions_local_test.engines.mirror import Mirror
from stepfunctions_local_test.glue.runtime import GlueRuntime
from stepfunctions_local_test.lambdas.runtime import LambdaRuntime
from stepfunctions_local_test.patches import cfn_resources, sfn_aliases, sfn_container, sfn_versions
from stepfunctions_local_test.server.account import Account

ONCE = Config(max_pool_connections=100, parameter_validation=False, retries={"total_max_attempts": 1})


class ContainerEngine:
    """Its container starts with the endpoint, whose port it must know, and is removed with it."""

    name = "container"

    def __init__(self, mock_config: Path | None = None) -> None:
        self._mock_config = mock_config
        self._container: Any = None

    def install(self, account: Account, glue: GlueRuntime, lambdas: LambdaRuntime) -> None:
        """Start the container and put it under the API's executions; raises ContainerError when none can run here."""
        self._container = StepFunctionsLocalContainer(
            endpoint_url=account.endpoint_url,
            account=account.account,
            region=account.region,
            mock_config=self._mock_config,
            port=0,
        ).start()
        install_interpreter(account)
        sfn_versions.install()
        sfn_aliases.install()
        cfn_resources.install()
        sfn_container.install(Mirror(self._container.get_client(config=ONCE)))

    def close(self) -> None:
        """Remove the container; without a Docker engine there is none any more."""
        if self._container is not None:
            with suppress(DockerException, OSError):
                self._container.stop()
