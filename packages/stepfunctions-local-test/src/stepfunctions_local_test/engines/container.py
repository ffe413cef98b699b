"""The engine `container`: Step Functions Local in a container, with real time and waits scaled to zero."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stepfunctions_local_test.containers import ContainerError, StepFunctionsLocalContainer, unavailable
from stepfunctions_local_test.errors import StatesError

WAIT_TIME_SCALE = 0.0


class Container:
    """Waits and retry delays are scaled to zero; `takes` of scenarios is not supported."""

    name = "container"
    simulated = False
    at_once = 4

    def missing(self) -> str | None:
        """The reason why no container can run here."""
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
