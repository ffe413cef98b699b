"""One party of the lock protocol: replayed from the answers it got, then asked for its next request."""

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


class HeldState(NamedTuple):
    """The state of a `Held`."""

    beat: int
    etag: int
    confirmed: int
    lost: bool = False


class Reply(NamedTuple):
    """An answer in a form that is cheap to compare."""

    kind: str  # written, conflict, absent, refused, seen
    etag: int = 0
    owner: int = 0
    beat: int = 0
    free: bool = False


class Step(NamedTuple):
    """What a party is doing, since when, and the answers so far with their ticks."""

    name: str  # acquire, beat, release
    began: int = 0
    past: tuple[tuple[int, Reply], ...] = ()


class PartyRun:
    """One party replayed from its answers, on its own clock; then asked whether it may make a call."""

    def __init__(self, index: int, step: Step | None, grip: HeldState | None, times: LeaseTimes) -> None:
        self._index, self._times, self._offset = index, times, 1000.0 * index
        self._set(step.began if step else 0)
        self.held = self._take_up(grip) if grip else None
        self.request: Request | None = None
        if step:
            self._play(step)
        self._set(0)
        self.may_call = self._check()

    @property
    def grip(self) -> HeldState | None:
        if self.held is None:
            return None
        confirmed = round((self.held.confirmed - self._offset) / TICK)
        return HeldState(self.held.record.beat, int(self.held.etag), confirmed, self.held.is_lost)

    def _play(self, step: Step) -> None:
        steps = self._steps(step.name)
        try:
            self.request = next(steps)
            for tick, given in step.past:
                self._set(tick)
                self.request = steps.send(self._answer(given))
        except StopIteration as end:
            self.request = None
            if isinstance(end.value, Held):
                self.held = end.value

    def _steps(self, step: str) -> Steps[Any]:
        if step == "acquire":
            return lock_protocol.acquire(
                token_of(self._index), holder_of(self._index), self._times, self._clock
            )
        assert self.held is not None
        return (
            lock_protocol.beat(self.held, self._clock) if step == "beat" else lock_protocol.release(self.held)
        )

    def _answer(self, given: Reply) -> Answer:
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

    def _take_up(self, grip: HeldState) -> Held:
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
