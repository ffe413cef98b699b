"""The only module that changes resources: carries out a plan along its dependencies, and says how far it came."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any, assert_never

from botocore.exceptions import BotoCoreError, ClientError

from deployer.aws.adapter import Adapter
from deployer.aws.transient_errors import PAUSES, TransientError, transient_error_of
from deployer.errors import ApplyError, DeployerError
from deployer.model.resources import Artifact, Key, Resource, Role, key_of
from deployer.planning.dependencies import dependencies, depends_on
from deployer.planning.plan import Change, Create, Delete, Plan, Replace, Update, compare

WRITERS = 32
_FAULTS = (ClientError, BotoCoreError, DeployerError, OSError)

Adapters = Mapping[type, Adapter[Any]]


@dataclass(frozen=True)
class Outcome:
    """One change after the attempt; `error` is None when it worked."""

    change: Change
    error: Exception | None = None


@dataclass(frozen=True)
class Listener:
    """Who is told how an apply goes: a change begins, waits (why, seconds), ends."""

    started: Callable[[Change], None] = lambda _: None
    waiting: Callable[[Change, TransientError, float], None] = lambda *_: None
    finished: Callable[[Outcome], None] = lambda _: None


@dataclass(frozen=True)
class Run:
    """What one apply works with; `during` surrounds each change, for the journal; `stopped` is asked before each."""

    adapters: Adapters
    listener: Listener = field(default_factory=Listener)
    during: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext()
    stopped: Callable[[], bool] = lambda: False
    sleep: Callable[[float], None] = time.sleep


def apply(plan: Plan, run: Run) -> tuple[Change, ...]:
    """Carries out the plan; returns the changes done. Raises ApplyError that says how far it came.

    A change begins as soon as all that it depends on is done; after a failure, or when the run is to stop, nothing
    new is started and what has begun is waited for.
    """
    outcomes = _run_all(plan, run)
    done = [outcome.change for outcome in outcomes if outcome.error is None]
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    if len(done) < len(plan.changes):
        raise ApplyError(explain(plan, done, failed)) from (failed[0].error if failed else None)
    return tuple(done)


def _run_all(plan: Plan, run: Run) -> list[Outcome]:
    """Outcomes of the changes that were begun."""
    by_key = {change.key: change for change in plan.changes}
    managed = {key_of(resource) for resource in plan.wanted if isinstance(resource, Role)}
    order: TopologicalSorter[Key] = TopologicalSorter(dependencies(plan.changes))
    order.prepare()
    outcomes: list[Outcome] = []
    begun: dict[Future[Outcome], Key] = {}
    failed = False
    with ThreadPoolExecutor(WRITERS) as pool:
        while order.is_active():
            ready = () if failed or run.stopped() else [by_key[key] for key in order.get_ready()]
            for change in sorted(ready, key=_turn):
                begun[pool.submit(_attempt, change, managed, run)] = change.key
            if not begun:
                break
            for future in wait(begun, return_when=FIRST_COMPLETED).done:
                key, outcome = begun.pop(future), future.result()
                outcomes.append(outcome)
                if outcome.error is None:
                    order.done(key)
                failed = failed or outcome.error is not None
                run.listener.finished(outcome)
    return outcomes


def _turn(change: Change) -> tuple[bool, int]:
    """The order in which what may begin at once does begin: calls before uploads, large uploads before small ones."""
    want = None if isinstance(change, Delete) else change.want
    if isinstance(want, Artifact) and want.path and want.path.exists():
        return True, -want.path.stat().st_size
    return False, 0


def _attempt(change: Change, managed: set[Key], run: Run) -> Outcome:
    run.listener.started(change)
    try:
        with run.during(str(change.key)):
            carry_out(change, managed, run)
    except _FAULTS as error:
        return Outcome(change, error)
    return Outcome(change)


def carry_out(change: Change, managed: set[Key], run: Run) -> None:
    """One change; what is no verdict is waited for, and tried again from what exists by then.

    A role is only waited for when it is among the managed ones: one that is not ours to make is not new.
    """
    adapter = run.adapters[type(_subject(change))]
    patient = isinstance(change, Delete) or bool(managed & set(depends_on(change.want)))
    tried: Counter[TransientError] = Counter()
    todo: Change | None = change
    while todo is not None:
        try:
            perform(todo, adapter)
            return
        except ClientError as error:
            reason = transient_error_of(error)
            if reason is None or (reason is TransientError.UNSEEN and not patient):
                raise
            if tried[reason] == len(PAUSES[reason]):
                raise
            pause = PAUSES[reason][tried[reason]]
            tried[reason] += 1
            run.listener.waiting(change, reason, pause)
            run.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, no secret
            todo = _again(todo, adapter)


def _again(change: Change, adapter: Adapter[Any]) -> Change | None:
    """What is left of a change that did not go through: it may have done a part of its work, or all of it."""
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


def explain(plan: Plan, done: Sequence[Change], failed: Sequence[Outcome]) -> str:
    """What was done, what failed and why, what was not begun, and how to go on."""
    broken = {outcome.change.key for outcome in failed}
    finished = {change.key for change in done}
    waiting = [str(change.key) for change in plan.changes if change.key not in broken | finished]
    lines = [f"{len(failed)} of {len(plan.changes)} changes failed" if failed else "interrupted"]
    lines += [f"failed: {outcome.change.key}: {outcome.error}" for outcome in failed]
    lines += [f"done: {', '.join(str(change.key) for change in done) or 'nothing'}"]
    lines += [f"not started: {', '.join(waiting) or 'nothing'}"]
    lines += ["what is done stays; mend the cause and run deploy again: it carries on with what is left"]
    return "\n".join(lines)
