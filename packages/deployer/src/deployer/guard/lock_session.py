"""Taking, renewing and releasing the deploy lock of an environment: `with hold(...) as held`."""

import random
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from deployer.errors import LockError
from deployer.guard.heartbeat import Heartbeat
from deployer.guard.lock_object import LockObject
from deployer.guard.lock_protocol import (
    LEASE_TIMES,
    Clock,
    Conflict,
    Held,
    LeaseTimes,
    Refused,
    Steps,
    acquire,
    beat,
    release,
    remove,
)
from deployer.guard.lock_record import GRACE_SECONDS, Holder, ObservedLock, span
from deployer.guard.signals import Stop

Tell = Callable[[str], None]
_POLL_SECONDS = 5.0
_TELL_EVERY = 30.0


def awake_clock() -> float:
    """A clock that also runs while the machine sleeps; `time.monotonic` stops meanwhile on Linux and macOS."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if hasattr(time, "clock_gettime"):
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


@dataclass(frozen=True)
class LockWait:
    """How many seconds to wait for another deploy's lock; `tell` gets messages about it."""

    timeout: float = 0.0
    tell: Tell = lambda _: None
    clock: Clock = awake_clock
    sleep: Callable[[float], None] = time.sleep


@contextmanager
def hold(
    lock: LockObject,
    holder: Holder,
    wait: LockWait,
    times: LeaseTimes = LEASE_TIMES,
    stop: Stop | None = None,
) -> Iterator[Held]:
    """The lock inside a `with` block; always released at its end.

    SIGTERM and Ctrl-C end the waiting for it; while it is held they only set `stop`.
    Raises LockError when another deploy has it for longer than `wait`; the message shows which, and the ways out.
    """
    with _terminated_as_interrupted():
        held = take(lock, holder, wait, times)
        with (stop or Stop()).handling_signals():
            try:
                with Heartbeat(lambda: _pulse(lock, held), times.beat):
                    yield held
            finally:
                _give_back(lock, held, wait.tell)


def take(lock: LockObject, holder: Holder, wait: LockWait, times: LeaseTimes = LEASE_TIMES) -> Held:
    """The lock without a heartbeat. Raises LockError that shows who has it when `wait` is over."""
    token = uuid.uuid4().hex
    try:
        return _take(lock, lambda: acquire(token, holder, times, wait.clock), wait)
    except (LockError, ClientError, BotoCoreError):
        raise
    except BaseException:
        with suppress(LockError, ClientError, BotoCoreError):
            _abandon(lock, token)
        raise


def _take(lock: LockObject, attempt: Callable[[], Steps[Held | ObservedLock | None]], wait: LockWait) -> Held:
    began, last_message = wait.clock(), -_TELL_EVERY
    while True:
        found = lock.run(attempt())
        if isinstance(found, Held):
            return found
        if found is not None and found.record is None:
            raise LockError(_damaged(lock))
        waited = wait.clock() - began
        if waited >= wait.timeout:
            raise LockError(_refusal(lock, found, waited))
        if waited - last_message >= _TELL_EVERY:
            shown = found or "its owner is changing"
            wait.tell(f"waiting for the deploy lock, {span(waited)} of {span(wait.timeout)}: {shown}")
            last_message = waited
        pause = _POLL_SECONDS * random.uniform(0.6, 1.4)  # noqa: S311 - only spreads the polls
        wait.sleep(min(pause, wait.timeout - waited))


def _abandon(lock: LockObject, token: str) -> None:
    """Releases a lock that may be ours already when Ctrl-C came while it was taken."""
    seen = lock.look()
    if seen is not None and seen.record is not None and seen.is_of(token):
        lock.run(remove(seen.etag, seen.record))


def force_unlock(lock: LockObject, shown: ObservedLock, *, force: bool = False) -> None:
    """Removes the lock that was shown, and no other. Raises LockError when it is in use, or changed meanwhile."""
    if not (shown.is_free or force):
        raise LockError(
            f"{lock.object.url} is not left behind: {shown}; stop that deploy, or wait until the lock expires; "
            f"--force removes it all the same, and two deploys may then change the environment at once"
        )
    record = shown.record
    answer = lock.object.delete(shown.etag) if record is None else lock.run(remove(shown.etag, record))
    if isinstance(answer, Refused):
        raise LockError(f"{lock.object.url} cannot be removed: {answer.why}; {lock.object.way_out}")
    if isinstance(answer, Conflict):
        raise LockError(
            f"{lock.object.url} changed since it was shown, so it is in use: "
            f"{lock.look() or 'it is gone'}; run unlock again"
        )


def _pulse(lock: LockObject, held: Held) -> None:
    if held.is_lost:
        return
    try:
        lock.run(beat(held, awake_clock))
    except (LockError, ClientError, BotoCoreError, OSError) as error:
        held.heartbeat_failed(str(error))


def _give_back(lock: LockObject, held: Held, tell: Tell) -> None:
    """Failures are messages only: they must not hide the error that ended the deploy."""
    try:
        if not lock.run(release(held)):
            tell(
                "note: the deploy lock was no longer ours at the end; another deploy took it, or somebody removed it"
            )
    except (LockError, ClientError, BotoCoreError, OSError) as error:
        lease = span(held.record.lease_seconds + GRACE_SECONDS)
        tell(f"warning: the deploy lock could not be released, it expires within {lease}: {error}")


def _refusal(lock: LockObject, found: ObservedLock | None, waited: float) -> str:
    after = f" after {span(waited)}" if waited >= 1 else ""
    return (
        f"another deploy has the lock {lock.object.url}{after}: {found or 'its owner is changing'}; "
        f"nothing was changed; wait for it with --lock-timeout SECONDS, "
        f"or, when that deploy is no longer running, remove its lock with the command unlock"
    )


def _damaged(lock: LockObject) -> str:
    return (
        f"{lock.object.url} is not a deploy lock (it may have been edited by hand), so it is not known whether a "
        f"deploy runs; make sure that none runs, then remove it: unlock --force, or {lock.object.way_out}"
    )


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Handles SIGTERM, for example of an aborted Jenkins build, like Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
