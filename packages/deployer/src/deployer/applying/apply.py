"""Applies a plan in the order of its dependencies, and reports what was done."""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from deployer.applying.attempt import Outcome, Run, attempt
from deployer.errors import ApplyError
from deployer.model.resources import Artifact, Key, Role, key_of
from deployer.planning.dependencies import dependencies
from deployer.planning.plan import Change, Delete, Plan

WRITERS = 32


def apply(plan: Plan, run: Run) -> tuple[Change, ...]:
    """Applies the plan; returns the changes done. Raises ApplyError that lists what was done and what was not.

    A change begins when everything it depends on is done. After a failure or a request to stop no further change
    begins, and those that have begun are finished.
    """
    outcomes = _run_all(plan, run)
    done = [outcome.change for outcome in outcomes if outcome.error is None]
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    if len(done) < len(plan.changes):
        raise ApplyError(explain(plan, done, failed)) from (failed[0].error if failed else None)
    return tuple(done)


def _run_all(plan: Plan, run: Run) -> list[Outcome]:
    """Outcomes of the changes that have begun."""
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
                begun[pool.submit(attempt, change, managed, run)] = change.key
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
    """Order among changes that may begin at the same time: calls before uploads, large uploads before small ones."""
    want = None if isinstance(change, Delete) else change.want
    if isinstance(want, Artifact) and want.path and want.path.exists():
        return True, -want.path.stat().st_size
    return False, 0


def explain(plan: Plan, done: Sequence[Change], failed: Sequence[Outcome]) -> str:
    """What was done, what failed and why, what was not started, and how to go on."""
    broken = {outcome.change.key for outcome in failed}
    finished = {change.key for change in done}
    waiting = [str(change.key) for change in plan.changes if change.key not in broken | finished]
    lines = [f"{len(failed)} of {len(plan.changes)} changes failed" if failed else "interrupted"]
    lines += [f"failed: {outcome.change.key}: {outcome.error}" for outcome in failed]
    lines += [f"done: {', '.join(str(change.key) for change in done) or 'nothing'}"]
    lines += [f"not started: {', '.join(waiting) or 'nothing'}"]
    lines += ["what is done stays; fix the cause and run deploy again: it continues with the rest"]
    return "\n".join(lines)
