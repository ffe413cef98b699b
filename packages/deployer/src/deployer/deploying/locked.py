"""An environment under its deploy lock, and the calls that change it on record."""

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
from deployer.guard.last_deploy import LastJournal, read_last_journal
from deployer.guard.lock_location import LockLocation
from deployer.guard.lock_protocol import LEASE_TIMES, Held, LeaseTimes
from deployer.guard.lock_record import Holder
from deployer.guard.lock_session import LockWait, hold
from deployer.guard.signals import Stop

_FAULTS = (LockError, ClientError, BotoCoreError, OSError)


@dataclass(frozen=True)
class LockedDeployment:
    """The lock is ours; `last` is the journal of the deploy before, `stop` whether this one was asked to end."""

    deployment: Deployment
    location: LockLocation
    held: Held
    holder: Holder
    last: LastJournal
    tell: Callable[[str], None]
    stop: Stop

    def refuse_overtaken(self, seen: LastJournal) -> None:
        """Raises PlanRefused when another deploy ran after the plan was made; `seen` is the journal at that time."""
        if self.last.etag != seen.etag:
            by = f": {self.last.deploy.holder}, begun {self.last.deploy.began}" if self.last.deploy else ""
            raise PlanRefused(f"another deploy ran since this plan was made{by}; plan again")

    @contextmanager
    def recording(self, planned: Iterable[str]) -> Iterator[Journal]:
        """Inside, every changing call checks the lock and is in the journal first; `planned` are keys of changes."""
        deploy = uuid.uuid4().hex[:8]
        journal = Journal.begin(
            self.location.journal, self.last.etag, deploy, list(planned), str(self.holder)
        )
        clients = self.deployment.clients
        try:
            with guard(clients.session, clients.made(), self.held, journal):
                yield journal
        except (Exception, KeyboardInterrupt, SystemExit):
            self._finish(journal, FAILED)
            raise
        self._finish(journal, FINISHED)

    def _finish(self, journal: Journal, status: str) -> None:
        """A failure here is a warning: it must not hide how the deploy ended."""
        try:
            journal.finish(status)
        except _FAULTS as error:
            self.tell(f"warning: the end of the deploy could not be written to the journal: {error}")


@contextmanager
def locked(
    deployment: Deployment, doing: str, wait: LockWait, times: LeaseTimes = LEASE_TIMES
) -> Iterator[LockedDeployment]:
    """Holds the environment's lock, for example to `deploy`. Raises LockError when another deploy has it."""
    location, stop = deployment.lock_location(), Stop()
    holder = holder_here(deployment.clients.identity, doing)
    with hold(location.lock, holder, wait, times, stop) as held:
        last = read_last_journal(location.journal)
        yield LockedDeployment(deployment, location, held, holder, last, wait.tell, stop)
