"""Simulated time for threads: one runs at a time, and when all of them wait the clock jumps to the next one due.

What a thread does takes no time; only waiting does. The order is fixed: threads that are due at the same time run in
the order in which they became due, and a time limit falls due after everything else of its instant, so that what ends
exactly at its limit is in time. Two runs of the same program therefore do the same in the same order.

`Thread` and `Event` stand in for those of `threading`. Threads that the clock did not start (those of a server) may
start threads and set events, but must not wait here.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from local_aws.errors import LocalAwsError

# Entries of one instant: what goes on, then what gives up, then who only looks what has become of it.
_GOES_ON, _GIVES_UP, _LOOKS = 0, 1, 2
_LOOK_SECONDS = 1.0
LAST = datetime(9999, 12, 31, tzinfo=timezone.utc)


class ClockError(LocalAwsError):
    """A thread that the clock did not start waits on it."""


@dataclass(eq=False, slots=True)
class _Turn:
    """A thread of the clock: it runs when its gate opens. A ticket is spent whenever the thread gets its turn."""

    gate: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ticket: int = 0


class VirtualClock:
    """The clock and the order of its threads."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime.now(tz=timezone.utc).replace(microsecond=0)
        self._last = (LAST - self._start).total_seconds()
        self._seconds = 0.0
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._due: list[tuple[float, int, int, int, _Turn]] = []
        self._running: _Turn | None = None
        self._own = threading.local()

    def now(self) -> datetime:
        """The simulated time, in UTC; it stands still at the end of what a date can be."""
        return self._start + timedelta(seconds=min(self._seconds, self._last))

    def monotonic(self) -> float:
        """The simulated seconds since the clock was made, without an end."""
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Wait that long; what else is due runs meanwhile."""
        turn = self._own_turn()
        with self._lock:
            self._enter(turn, self._seconds + max(0.0, seconds), _GOES_ON)
            self._hand_over()
        turn.gate.acquire()

    def look_again(self) -> None:
        """Wait until another thread had its turn; for threads that poll."""
        turn = self._own_turn()
        with self._lock:
            others = (
                at for at, rank, _, ticket, other in self._due if ticket == other.ticket and rank != _LOOKS
            )
            self._enter(turn, min(others, default=self._seconds + _LOOK_SECONDS), _LOOKS)
            self._hand_over()
        turn.gate.acquire()

    def thread(self, target: Callable[..., Any], args: Sequence[Any] = (), **_: Any) -> Thread:
        """A thread of this clock, not yet started; name and daemon are accepted and ignored."""
        return Thread(self, target, tuple(args))

    def event(self) -> Event:
        """An event whose waiters wait on this clock."""
        return Event(self)

    def _own_turn(self) -> _Turn:
        turn: _Turn | None = getattr(self._own, "turn", None)
        if turn is None:
            name = threading.current_thread().name
            raise ClockError(f"thread {name!r} waits on a virtual clock that did not start it")
        return turn

    def _begin(self, turn: _Turn) -> None:
        """A new thread is due now; nobody runs when the clock was idle."""
        with self._lock:
            self._enter(turn, self._seconds, _GOES_ON)
            self._hand_over_when_idle()

    def _run(self, turn: _Turn, target: Callable[[], None]) -> None:
        turn.gate.acquire()
        self._own.turn = turn
        try:
            target()
        finally:
            with self._lock:
                self._hand_over()

    def _wait(self, turn: _Turn, seconds: float | None) -> None:
        """Wait to be woken, at most that long."""
        with self._lock:
            if seconds is not None:
                self._enter(turn, self._seconds + max(0.0, seconds), _GIVES_UP)
            self._hand_over()
        turn.gate.acquire()

    def _wake(self, waiters: Sequence[_Turn]) -> None:
        with self._lock:
            for turn in waiters:
                self._enter(turn, self._seconds, _GOES_ON)
            self._hand_over_when_idle()

    def _enter(self, turn: _Turn, at: float, rank: int) -> None:
        # the API has milliseconds: with finer times two equal waits would differ there
        heapq.heappush(self._due, (round(at, 3), rank, next(self._numbers), turn.ticket, turn))

    def _hand_over_when_idle(self) -> None:
        if self._running is None:
            self._hand_over()

    def _hand_over(self) -> None:
        """Set the clock to the time of the next thread and run it; without one the clock is idle."""
        self._running = None
        while self._due:
            at, _, _, ticket, turn = heapq.heappop(self._due)
            if ticket == turn.ticket:  # else it had its turn for another reason
                turn.ticket += 1
                self._seconds = max(self._seconds, at)
                self._running = turn
                turn.gate.release()
                return


class Thread:
    """What the interpreter uses of `threading.Thread`."""

    def __init__(self, clock: VirtualClock, target: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self._clock = clock
        self._target = target
        self._args = args
        self._ended = Event(clock)
        self.native_id: int | None = None

    def start(self) -> None:
        """Be due now."""
        turn = _Turn()
        worker = threading.Thread(target=self._clock._run, args=(turn, self._body), daemon=True)
        worker.start()
        self.native_id = worker.native_id
        self._clock._begin(turn)

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, at most that long."""
        self._ended.wait(timeout)

    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return not self._ended.is_set()

    def _body(self) -> None:
        try:
            self._target(*self._args)
        finally:
            self._ended.set()


class Event:
    """What the interpreter uses of `threading.Event`."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._is_set = False
        self._waiters: list[_Turn] = []

    def is_set(self) -> bool:
        """Whether it was set since it was cleared."""
        return self._is_set

    def set(self) -> None:
        """Release all waiting threads."""
        with self._lock:
            self._is_set = True
            waiters, self._waiters = self._waiters, []
        self._clock._wake(waiters)

    def clear(self) -> None:
        """Clear the event; released threads continue."""
        self._is_set = False

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, at most that long; returns whether it is set."""
        turn = self._clock._own_turn()
        with self._lock:
            if self._is_set:
                return True
            self._waiters.append(turn)
        self._clock._wait(turn, timeout)
        with self._lock:
            if turn in self._waiters:  # it gave up
                self._waiters.remove(turn)
            return self._is_set
