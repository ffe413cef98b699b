"""The protocol of the lock, without effects: each function yields one S3 request after another and gets its answer.

The lock is an object. It is created only where none exists, and changed or removed only under the ETag that was read or
written last, so of two parties that act on the same state one gets `Conflict`. The clocks of two machines are never
compared: S3 alone tells the age of a lock, and an owner measures only the time since it *sent* the last heartbeat that
succeeded. An owner stops calling AWS `margin` seconds before anybody could find its lock expired. The margin is longer
than one call may take, so no call of a former owner is in progress when the next owner begins.
"""

import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeVar

from deployer.errors import LockLost
from deployer.guard.lock_record import Holder, Record, Seen, span

T = TypeVar("T")
Clock = Callable[[], float]
_ROUNDS = 4


@dataclass(frozen=True)
class LeaseTimes:
    """Seconds: a lock expires `lease` after a heartbeat, its owner stops `margin` earlier, and sends one every `beat`.

    One attempt of a call takes at most 5 s for each address it tries to reach and 30 s to be answered.
    """

    lease: float = 120.0
    margin: float = 75.0
    beat: float = 15.0


LEASE_TIMES = LeaseTimes()


@dataclass(frozen=True)
class Put:
    """Write the record over the object with this ETag; None: only when there is no object."""

    record: Record
    etag: str | None


@dataclass(frozen=True)
class Get:
    """Read the object."""


@dataclass(frozen=True)
class Delete:
    """Remove the object with this ETag."""

    etag: str


@dataclass(frozen=True)
class Written:
    etag: str


@dataclass(frozen=True)
class Conflict:
    """The object has another ETag than the request; nothing was done."""


@dataclass(frozen=True)
class Absent:
    """There is no object, or no longer."""


@dataclass(frozen=True)
class Refused:
    """S3 refused the request, for example a delete without permission."""

    why: str


Request = Put | Get | Delete
Answer = Written | Conflict | Absent | Refused | Seen
Steps = Generator[Request, Answer, T]


class Held:
    """A lock that is ours, until `check` says otherwise; safe to use from several threads."""

    def __init__(self, record: Record, etag: str, confirmed: float, times: LeaseTimes, clock: Clock) -> None:
        self.record = record
        self.etag = etag
        self.confirmed = self._began = confirmed
        self._times = times
        self._clock = clock
        self._lost: str | None = None
        self._failure = ""
        self._guard = threading.Lock()

    @property
    def is_lost(self) -> bool:
        return self._lost is not None

    def check(self) -> None:
        """Raises LockLost when a call that begins now might still run when the next owner has the lock."""
        with self._guard:
            since = self._clock() - self.confirmed
            if self._lost is None and since < self._times.lease - self._times.margin:
                return
            why = self._lost or f"its last heartbeat arrived {span(since)} ago{self._failure}"
        raise LockLost(
            f"the deploy lock may no longer be ours: {why}; this call was not made and no other will be; "
            f"look who deploys now, then run deploy again: it continues with the rest"
        )

    def beaten(self, now: float) -> Record:
        return self.record.beaten(now - self._began)

    def confirm(self, record: Record, etag: str, sent: float) -> None:
        """A write succeeded. It was sent at `sent`, so S3's timestamp of it is not earlier."""
        with self._guard:
            self.record, self.etag, self.confirmed, self._failure = record, etag, sent, ""

    def heartbeat_failed(self, why: str) -> None:
        """A heartbeat failed; the next may succeed."""
        with self._guard:
            self._failure = f" ({why})"

    def lose(self, why: str) -> None:
        """The lock is lost for good: another deploy has it, or somebody removed it."""
        with self._guard:
            self._lost = self._lost or why


def acquire(token: str, holder: Holder, times: LeaseTimes, clock: Clock) -> Steps[Held | Seen | None]:
    """One attempt: the lock, or the lock of another deploy; None when its owner changes faster than it can be read."""
    record, began = Record(token, holder, times.lease), clock()
    known: str | None = None
    seen: Answer = Absent()
    for _ in range(_ROUNDS):
        answer = yield Put(record, known)
        if isinstance(answer, Written):
            return Held(record, answer.etag, began, times, clock)
        seen = yield Get()
        known = seen.etag if isinstance(seen, Seen) else None
        if isinstance(seen, Seen) and seen.is_of(token):
            # Our own write: its answer was lost and botocore retried the request.
            return Held(record, seen.etag, began, times, clock)
        if isinstance(seen, Seen) and not seen.is_free:
            break
    return seen if isinstance(seen, Seen) else None


def beat(held: Held, clock: Clock) -> Steps[None]:
    """Renews the lock, or finds that it is lost."""
    for _ in range(2):
        sent = clock()
        record = held.beaten(sent)
        answer = yield Put(record, held.etag)
        if isinstance(answer, Written):
            held.confirm(record, answer.etag, sent)
            return
        seen = yield Get()
        if not (isinstance(seen, Seen) and seen.is_of(record.token)):
            held.lose(f"it now belongs to {seen}" if isinstance(seen, Seen) else "somebody removed it")
            return
        # The answer to an earlier heartbeat was lost: the lock is still ours, under an ETag that we did not know.
        held.etag = seen.etag


def release(held: Held) -> Steps[bool]:
    """Releases the lock; False when it was no longer ours."""
    for _ in range(2):
        answer = yield from remove(held.etag, held.record)
        if not isinstance(answer, Conflict):
            return True
        seen = yield Get()
        if not (isinstance(seen, Seen) and seen.is_of(held.record.token)):
            break
        held.etag = seen.etag
    held.lose("another deploy took it, or somebody removed it")
    return False


def remove(etag: str, record: Record) -> Steps[Answer]:
    """Deletes the object with this ETag; without permission to delete it is marked as released."""
    answer = yield Delete(etag)
    if isinstance(answer, Refused):
        answer = yield Put(replace(record, released=True), etag)
    return answer
