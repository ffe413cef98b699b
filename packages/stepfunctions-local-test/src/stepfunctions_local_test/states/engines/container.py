"""Step Functions Local in a container. The seam: whoever starts containers is asked through `serve` and `missing`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stepfunctions_local_test.states.errors import StatesError

WAIT_TIME_SCALE = 0.0


class Container:
    """Step Functions Local; waits and retries are scaled down to nothing, time limits are real."""

    name = "container"
    simulated = False
    at_once = 4

    def missing(self) -> str | None:
        """Why containers cannot run here."""
        return "this version starts no containers"

    @contextmanager
    def serve(self, mock_config: Path) -> Iterator[Any]:
        """A container with the mock configuration."""
        raise StatesError(f"engine 'container' cannot run: {self.missing()}")
        yield
