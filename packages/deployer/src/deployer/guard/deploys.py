"""One guarded deploy: the lock around it, the world as it was planned, the journal before every changing call."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from deployer.deployment import Prepared
from deployer.errors import PlanRefused
from deployer.guard.holding import Patience, hold
from deployer.guard.hooks import guard
from deployer.guard.identity import holder_here
from deployer.guard.journal import FAILED, FINISHED, Journal
from deployer.guard.last_deploy import Last, told
from deployer.guard.lock_object import GuardObject
from deployer.guard.place import guarded
from deployer.guard.record import Holder


@contextmanager
def guarded_deploy(prepared: Prepared, doing: str, patience: Patience) -> Iterator[Holder]:
    """Holds the lock and keeps the journal for the time of a `with`; yields who this deploy is.

    Raises LockError when somebody else deploys, PlanRefused when somebody did since the plan was made.
    """
    deployment = prepared.deployment
    place = guarded(deployment)
    holder = holder_here(deployment.clients.identity, doing)
    with hold(place.lock, holder, patience) as held:
        _refuse_stale(place.journal, prepared.last)
        planned = [str(change.key) for change in prepared.plan.changes]
        journal = Journal.begin(place.journal, uuid.uuid4().hex[:12], planned, str(holder))
        try:
            with guard(deployment.clients.session, deployment.clients.made(), held, journal):
                yield holder
        except BaseException:
            journal.finish(FAILED)
            raise
        journal.finish(FINISHED)


def _refuse_stale(journal: GuardObject, seen: Last) -> None:
    found = journal.read()
    if (found[1] if found else None) != seen.etag:
        last = told(found[0]) if found else None
        by = f": {last.holder}, begun {last.began}" if last else ""
        raise PlanRefused(f"another deploy went through since this plan was made{by}; plan again")
