"""Ready is who answers: a real call, repeated until it succeeds."""

import time
from typing import Any, Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from testcontainers.core.waiting_utils import WaitStrategy, WaitStrategyTarget

from stepfunctions_local_test.containers.errors import ContainerError

ONE_QUICK_TRY = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1})
LOOK_SECONDS = 0.1


class Callable(WaitStrategyTarget, Protocol):
    """A container with an API."""

    def get_client(self, **options: Any) -> Any: ...

    def log_tail(self, lines: int = 50) -> str: ...


class AnswersListStateMachines(WaitStrategy):
    """Waits until ListStateMachines succeeds, for so many seconds at most."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.with_startup_timeout(max(1, round(seconds)))
        self.with_poll_interval(LOOK_SECONDS)
        self.with_transient_exceptions(BotoCoreError, ClientError)

    def wait_until_ready(self, container: WaitStrategyTarget) -> None:
        """Raise ContainerError, with the end of the container's log, when it ends or stays silent."""
        target = cast("Callable", container)
        client = target.get_client(config=ONE_QUICK_TRY)

        def answers() -> bool:
            target.reload()
            if target.status in ("exited", "dead"):
                raise StopIteration
            client.list_state_machines(maxResults=1)
            return True

        began = time.monotonic()
        if not self._poll(answers):
            raise ContainerError(
                f"Step Functions Local does not answer ListStateMachines at {client.meta.endpoint_url} after "
                f"{time.monotonic() - began:.0f} s; "
                f"its container is {target.status}, its log ends with:\n{target.log_tail()}"
            )
