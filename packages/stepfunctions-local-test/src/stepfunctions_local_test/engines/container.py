"""Step Functions Local in a container: another interpreter's process, whose time is real and whose waits are none."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stepfunctions_local_test.containers import ContainerError, StepFunctionsLocalContainer, unavailable
from stepfunctions_local_test.errors import StatesError

WAIT_TIME_SCALE = 0.0


class Container:
    """Waits and the delays of retries are scaled down to nothing; `takes` of scenarios is not known there."""

    name = "container"
    simulated = False
    at_once = 4

    def missing(self) -> str | None:
        """Why no container can run here."""
        return unavailable()

    @contextmanager
    def serve(self, mock_config: Path) -> Iterator[Any]:
        """A container with the mock configuration. Raises StatesError when it does not start."""
        try:
            container = StepFunctionsLocalContainer(
                mock_config=mock_config, wait_time_scale=WAIT_TIME_SCALE, port=0
            )
            with container as started:
                yield started.get_client()
        except ContainerError as error:
            raise StatesError(f"engine 'container': {error}") from error
