"""Makes one change: through the adapter of its kind, with retries of transient errors."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, assert_never

from botocore.exceptions import BotoCoreError, ClientError

from deployer.aws.adapter import Adapter
from deployer.aws.transient_errors import PAUSES, TransientError, transient_error_of
from deployer.errors import DeployerError
from deployer.model.resources import Key, Resource
from deployer.planning.dependencies import depends_on
from deployer.planning.plan import Change, Create, Delete, Replace, Update, compare

_FAULTS = (ClientError, BotoCoreError, DeployerError, OSError)

Adapters = Mapping[type, Adapter[Any]]


@dataclass(frozen=True)
class Outcome:
    """One change after the attempt; `error` is None when it worked."""

    change: Change
    error: Exception | None = None


@dataclass(frozen=True)
class Listener:
    """Callbacks of an apply: a change begins, waits (why, seconds), ends."""

    started: Callable[[Change], None] = lambda _: None
    waiting: Callable[[Change, TransientError, float], None] = lambda *_: None
    finished: Callable[[Outcome], None] = lambda _: None


@dataclass(frozen=True)
class Run:
    """What one apply works with; `during` surrounds each change, for the journal; `stopped` is checked before each."""

    adapters: Adapters
    listener: Listener = field(default_factory=Listener)
    during: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext()
    stopped: Callable[[], bool] = lambda: False
    sleep: Callable[[float], None] = time.sleep


def attempt(change: Change, managed: set[Key], run: Run) -> Outcome:
    """Makes one change and reports how it ended; `managed` are the roles of the plan."""
    run.listener.started(change)
    try:
        with run.during(str(change.key)):
            _change(change, managed, run)
    except _FAULTS as error:
        return Outcome(change, error)
    return Outcome(change)


def _change(change: Change, managed: set[Key], run: Run) -> None:
    """Makes one change; retries transient errors, each time from what exists by then.

    A role that is not visible yet is a reason to retry only for a managed role: any other role is not new.
    """
    adapter = run.adapters[type(_subject(change))]
    may_be_new = isinstance(change, Delete) or bool(managed & set(depends_on(change.want)))
    tried: Counter[TransientError] = Counter()
    todo: Change | None = change
    while todo is not None:
        try:
            perform(todo, adapter)
            return
        except ClientError as error:
            reason = transient_error_of(error)
            if reason is None or (reason is TransientError.UNSEEN and not may_be_new):
                raise
            if tried[reason] == len(PAUSES[reason]):
                raise
            pause = PAUSES[reason][tried[reason]]
            tried[reason] += 1
            run.listener.waiting(change, reason, pause)
            run.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, no secret
            todo = _again(todo, adapter)


def _again(change: Change, adapter: Adapter[Any]) -> Change | None:
    """The rest of a change whose call failed: the call may have done a part of the work, or all of it."""
    have = adapter.read(change.key.name)
    if isinstance(change, Delete):
        return Delete(have) if have else None
    return compare(have, change.want)


def perform(change: Change, adapter: Adapter[Any]) -> None:
    """One change through the adapter of its kind."""
    match change:
        case Create(want):
            adapter.create(want)
        case Update(have, want):
            adapter.update(have, want)
        case Replace(have, want):
            adapter.delete(have)
            adapter.create(want)
        case Delete(have):
            adapter.delete(have)
        case _ as never:
            assert_never(never)


def _subject(change: Change) -> Resource:
    return change.have if isinstance(change, Delete) else change.want
