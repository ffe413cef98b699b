"""A deploy under guard: the lock for all of it, and within it the journal and the hook for the part that changes."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from deployer.deploying.deployment import Deployment
from deployer.errors import LockError, PlanRefused
from deployer.guard.hooks import guard
from deployer.guard.identity import holder_here
from deployer.guard.journal import FAILED, FINISHED, Journal
from deployer.guard.last_deploy import Last, last_seen
from deployer.guard.lock_location import LockLocation
from deployer.guard.lock_protocol import LEASE_TIMES, Held, LeaseTimes
from deployer.guard.lock_record import Holder
from deployer.guard.lock_session import LockWait, hold
from deployer.guard.signals import Stop

_FAULTS = (LockError, ClientError, BotoCoreError, OSError)


@dataclass(frozen=True)
class Deploying:
    """The lock is ours; `last` is what the journal says of the deploy before, `stop` whether this one is to end."""

    deployment: Deployment
    place: LockLocation
    held: Held
    holder: Holder
    last: Last
    tell: Callable[[str], None]
    stop: Stop

    def refuse_overtaken(self, seen: Last) -> None:
        """Raises PlanRefused when a deploy went through since a plan was made, for which the journal was `seen`."""
        if self.last.etag != seen.etag:
            by = f": {self.last.deploy.holder}, begun {self.last.deploy.began}" if self.last.deploy else ""
            raise PlanRefused(f"another deploy went through since this plan was made{by}; plan again")

    @contextmanager
    def changing(self, planned: Iterable[str]) -> Iterator[Journal]:
        """Inside, every changing call asks the lock and is on record first; `planned` are the keys of the changes."""
        deploy = uuid.uuid4().hex[:8]
        journal = Journal.begin(self.place.journal, self.last.etag, deploy, list(planned), str(self.holder))
        clients = self.deployment.clients
        try:
            with guard(clients.session, clients.made(), self.held, journal):
                yield journal
        except (Exception, KeyboardInterrupt, SystemExit):
            self._finish(journal, FAILED)
            raise
        self._finish(journal, FINISHED)

    def _finish(self, journal: Journal, status: str) -> None:
        """Never hides how the deploy ended."""
        try:
            journal.finish(status)
        except _FAULTS as error:
            self.tell(f"warning: the journal has no end: {error}")


@contextmanager
def deploying(
    deployment: Deployment, doing: str, wait: LockWait, times: LeaseTimes = LEASE_TIMES
) -> Iterator[Deploying]:
    """Holds the environment's lock, for example to `deploy`. Raises LockError when somebody else has it."""
    place, holder, stop = deployment.lock_location(), holder_here(deployment.clients.identity, doing), Stop()
    with hold(place.lock, holder, wait, times, stop) as held:
        yield Deploying(deployment, place, held, holder, last_seen(place.journal), wait.tell, stop)
