"""Every interleaving of parties that want one lock: S3 in memory, a clock that only the search moves.

A state holds the object, where each party is in the protocol, and the calls under way. The search visits every state
that can be reached by: a request reaching S3, its answer arriving, a party going on to its next step, a call to AWS
beginning or taking effect, time passing. Where a party is follows from the answers it got since its step began, so its
generator is run again from them.

So that the states are finite and few: ticks count back from now and no further than `LONG_AGO`; an ETag that nobody
knows any more is used again; where the protocol does not look at the clock afterwards an answer arrives at once, and
the look at the object that follows a conflict is made at once, as if the party had begun that much later.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from deployer.guard.lock_protocol import Delete, Get, LeaseTimes, Put, Request
from deployer.guard.lock_record import Record, Seen
from support.lock_party import TICK, HeldState, PartyRun, Reply, Step, holder_of, token_of

CALL_TICKS = 1  # a call that has begun takes effect within so many ticks
LEASE_TIMES = LeaseTimes(lease=34.0, margin=25.0, beat=10.0)
LONG_AGO = -2  # by then every lease is over
NOBODY = 99
NOTHING, ANY = 0, -1  # in place of an ETag: only when there is no object; whatever there is (a broken party)


@dataclass(frozen=True)
class Setup:
    """Who takes part: attempts to get the lock and heartbeats of each; and what is broken on purpose."""

    attempts: tuple[int, ...] = (1, 1, 1)
    beats: tuple[int, ...] = (1, 0, 0)
    held_by_first: bool = False
    times: LeaseTimes = LEASE_TIMES
    spoil: Callable[[Request], Request] = lambda request: request
    skew: float = 0.0  # seconds by which a reader that trusts its own clock thinks the object older
    deletes: bool = True


class PartyState(NamedTuple):
    """One party: what it may still do, what it is at, the answer on its way, its lock."""

    attempts: int
    beats: int
    step: Step | None = None
    coming: Reply | None = None
    grip: HeldState | None = None
    calls: int = 1
    reigns: bool = False  # nobody took the lock after this party did

    def later(self) -> "PartyState":
        grip = self.grip and self.grip._replace(confirmed=_earlier(self.grip.confirmed))
        if self.step is None:
            return self._replace(grip=grip)
        past = tuple((_earlier(tick), given) for tick, given in self.step.past)
        return self._replace(grip=grip, step=Step(self.step.name, _earlier(self.step.began), past))


class Stored(NamedTuple):
    etag: int
    owner: int
    beat: int
    written: int
    released: bool


class State(NamedTuple):
    lines: tuple[PartyState, ...]
    stored: Stored | None = None
    calls: tuple[tuple[int, int], ...] = ()  # party, ticks within which it takes effect

    def of(self, index: int, line: PartyState) -> "State":
        return self._replace(lines=(*self.lines[:index], line, *self.lines[index + 1 :]))

    def later(self) -> "State":
        stored = self.stored and self.stored._replace(written=_earlier(self.stored.written))
        calls = tuple((party, left - 1) for party, left in self.calls)
        return State(tuple(line.later() for line in self.lines), stored, calls)

    def new_etag(self) -> int:
        known = {self.stored.etag} if self.stored else set()
        for line in self.lines:
            known |= {line.grip.etag} if line.grip else set()
            known |= {line.coming.etag} if line.coming else set()
            known |= {given.etag for _, given in line.step.past} if line.step else set()
        return next(etag for etag in itertools.count(1) if etag not in known)


def _earlier(tick: int) -> int:
    return max(tick - 1, LONG_AGO)


@dataclass
class Search:
    """All states that can be reached; `violation` says what is wrong with the first bad one."""

    play: Setup
    states: int = 0
    takeovers: int = 0
    losses: int = 0
    violation: str | None = None
    _machine: Callable[..., PartyRun] = field(init=False)

    def __post_init__(self) -> None:
        times = self.play.times
        self._machine = lru_cache(maxsize=None)(lambda index, step, grip: PartyRun(index, step, grip, times))

    def explore(self) -> "Search":
        """Visits every state, or stops at the first violation."""
        todo = [self._start()]
        known = set(todo)
        while todo and self.violation is None:
            state = todo.pop()
            self.states += 1
            self._judge(state)
            for following in self._next(state):
                if following not in known:
                    known.add(following)
                    todo.append(following)
        return self

    def _start(self) -> State:
        lines = tuple(PartyState(*left) for left in zip(self.play.attempts, self.play.beats, strict=True))
        if not self.play.held_by_first:
            return State(lines)
        owner = lines[0]._replace(attempts=0, grip=HeldState(0, 1, 0), reigns=True)
        return State((owner, *lines[1:]), Stored(1, 0, 0, 0, released=False))

    def _judge(self, state: State) -> None:
        able = [index for index, line in enumerate(state.lines) if self._may_call(index, line)]
        if len(able) > 1:
            self.violation = "two owners"
        elif any(not state.lines[party].reigns for party, _ in state.calls):
            self.violation = "a call in the next owner's time"

    def _may_call(self, index: int, line: PartyState) -> bool:
        releasing = line.step is not None and line.step.name == "release"
        return line.grip is not None and not releasing and self._machine(index, None, line.grip).may_call

    def _next(self, state: State) -> Iterator[State]:
        for index, line in enumerate(state.lines):
            yield from self._goes_on(state, index, line)
            if line.calls and self._may_call(index, line):
                calling = state.of(index, line._replace(calls=line.calls - 1))
                yield calling._replace(calls=tuple(sorted((*state.calls, (index, CALL_TICKS)))))
        for place in range(len(state.calls)):
            yield state._replace(calls=state.calls[:place] + state.calls[place + 1 :])
        if all(left for _, left in state.calls):
            yield state.later()

    def _goes_on(self, state: State, index: int, line: PartyState) -> Iterator[State]:
        if line.coming is not None:
            yield state.of(index, self._arrived(index, line))
        elif line.step is not None:
            yield self._asks(state, index, line.step, line.grip)
        elif line.grip is None:
            if line.attempts:
                yield state.of(index, line._replace(step=Step("acquire"), attempts=line.attempts - 1))
        else:
            if line.beats and not line.grip.lost:
                yield state.of(index, line._replace(step=Step("beat"), beats=line.beats - 1))
            if all(party != index for party, _ in state.calls):
                yield state.of(index, line._replace(step=Step("release"), calls=0))

    def _asks(self, state: State, index: int, step: Step, grip: HeldState | None) -> State:
        request = self._machine(index, step, grip).request
        assert request is not None
        following = self._reaches_s3(state, index, self.play.spoil(request))
        if step.name == "beat":
            return following
        answer = following.lines[index].coming
        line = self._arrived(index, following.lines[index])
        following = following.of(index, line)
        if line.step is not None and answer is not None and answer.kind == "conflict":
            return self._asks(following, index, line.step, line.grip)
        return following

    def _arrived(self, index: int, line: PartyState) -> PartyState:
        assert line.step is not None
        assert line.coming is not None
        # Only a heartbeat looks at the clock again after an answer.
        tick = 0 if line.step.name == "beat" else line.step.began
        step = line.step._replace(past=(*line.step.past, (tick, line.coming)))
        machine = self._machine(index, step, line.grip)
        if machine.request is not None:
            return line._replace(step=step, coming=None)
        if step.name == "release":
            return PartyState(line.attempts, 0, calls=0)
        self.losses += machine.held is not None and machine.held.is_lost
        return line._replace(step=None, coming=None, grip=machine.grip)

    def _reaches_s3(self, state: State, index: int, request: Request) -> State:
        line, stored = state.lines[index], state.stored
        if isinstance(request, Get):
            return state.of(index, line._replace(coming=self._read(stored)))
        if isinstance(request, Delete) and not self.play.deletes:
            return state.of(index, line._replace(coming=Reply("refused")))
        wanted = NOTHING if request.etag is None else int(request.etag)
        if wanted not in (ANY, stored.etag if stored else NOTHING):
            return state.of(index, line._replace(coming=Reply("conflict")))
        if isinstance(request, Delete):
            return state.of(index, line._replace(coming=Reply("absent")))._replace(stored=None)
        return self._write(state, index, request)

    def _write(self, state: State, index: int, request: Put) -> State:
        released = request.record.released
        if not released and (state.stored is None or state.stored.released or state.stored.owner != index):
            self.takeovers += state.stored is not None and not state.stored.released
            lines = (line._replace(reigns=place == index) for place, line in enumerate(state.lines))
            state = state._replace(lines=tuple(lines))
        etag = state.new_etag()
        line = state.lines[index]._replace(coming=Reply("written", etag))
        return state.of(index, line)._replace(stored=Stored(etag, index, request.record.beat, 0, released))

    def _read(self, stored: Stored | None) -> Reply:
        if stored is None:
            return Reply("absent")
        record = Record(
            token_of(stored.owner), holder_of(stored.owner), self.play.times.lease, released=stored.released
        )
        seen = Seen(str(stored.etag), record, self.play.skew - stored.written * TICK)
        owner = NOBODY if stored.released else stored.owner
        return Reply("seen", stored.etag, owner, stored.beat, seen.is_free)
