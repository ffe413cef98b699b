"""One party of the lock's protocol: run again from the answers it got, and asked what it does next."""

from typing import Any, NamedTuple

from deployer.errors import LockLost
from deployer.guard import lock_protocol
from deployer.guard.lock_protocol import (
    Absent,
    Answer,
    Conflict,
    Held,
    LeaseTimes,
    Refused,
    Request,
    Steps,
    Written,
)
from deployer.guard.lock_record import Holder, Record, Seen

TICK = 20.0  # seconds


class Grip(NamedTuple):
    """What a Held remembers."""

    beat: int
    etag: int
    confirmed: int
    lost: bool = False


class Given(NamedTuple):
    """An answer, small enough to be compared a million times."""

    kind: str  # written, conflict, absent, refused, seen
    etag: int = 0
    owner: int = 0
    beat: int = 0
    free: bool = False


class Deed(NamedTuple):
    """What a party is at, since when, and the answers so far with their ticks."""

    name: str  # acquire, beat, release
    began: int = 0
    past: tuple[tuple[int, Given], ...] = ()


class Machine:
    """One party run to where its answers lead, on a clock of its own that starts anywhere; then asked: may it call?"""

    def __init__(self, index: int, deed: Deed | None, grip: Grip | None, times: LeaseTimes) -> None:
        self._index, self._times, self._offset = index, times, 1000.0 * index
        self._set(deed.began if deed else 0)
        self.held = self._take_up(grip) if grip else None
        self.request: Request | None = None
        if deed:
            self._play(deed)
        self._set(0)
        self.may_call = self._check()

    @property
    def grip(self) -> Grip | None:
        if self.held is None:
            return None
        confirmed = round((self.held.confirmed - self._offset) / TICK)
        return Grip(self.held.record.beat, int(self.held.etag), confirmed, self.held.is_lost)

    def _play(self, deed: Deed) -> None:
        steps = self._steps(deed.name)
        try:
            self.request = next(steps)
            for tick, given in deed.past:
                self._set(tick)
                self.request = steps.send(self._answer(given))
        except StopIteration as end:
            self.request = None
            if isinstance(end.value, Held):
                self.held = end.value

    def _steps(self, deed: str) -> Steps[Any]:
        if deed == "acquire":
            return lock_protocol.acquire(
                token_of(self._index), holder_of(self._index), self._times, self._clock
            )
        assert self.held is not None
        return (
            lock_protocol.beat(self.held, self._clock) if deed == "beat" else lock_protocol.release(self.held)
        )

    def _answer(self, given: Given) -> Answer:
        match given.kind:
            case "written":
                return Written(str(given.etag))
            case "conflict":
                return Conflict()
            case "absent":
                return Absent()
            case "refused":
                return Refused("not allowed")
        # The protocol asks no more of an age than whether the lease is over.
        age = 1000.0 if given.free else 0.0
        return Seen(str(given.etag), self._record(given.owner, given.beat), age)

    def _record(self, owner: int, beat: int) -> Record:
        return Record(token_of(owner), holder_of(owner), self._times.lease, beat)

    def _take_up(self, grip: Grip) -> Held:
        confirmed = self._offset + grip.confirmed * TICK
        record = self._record(self._index, grip.beat)
        held = lock_protocol.Held(record, str(grip.etag), confirmed, self._times, self._clock)
        if grip.lost:
            held.lose("lost")
        return held

    def _check(self) -> bool:
        if self.held is None:
            return False
        try:
            self.held.check()
        except LockLost:
            return False
        return True

    def _set(self, tick: int) -> None:
        self._local = self._offset + tick * TICK

    def _clock(self) -> float:
        return self._local


def token_of(index: int) -> str:
    return f"token {index}"


def holder_of(index: int) -> Holder:
    return Holder(f"party {index}", "user", "host", index, None, "deploying")
