"""The only module that changes resources: carries out a plan, kind by kind, and says how far it came."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, assert_never

from botocore.exceptions import BotoCoreError, ClientError

from deployer.aws.account import Account
from deployer.aws.adapter import Adapter
from deployer.errors import ApplyError, DeployerError
from deployer.model import Artifact, Function, GlueJob, LogGroup, Resource, Role, StateMachine
from deployer.plan import Change, Create, Delete, Plan, Update

WRITERS = 4
# What is needed first is made first; deletions run backwards.
_ORDER: tuple[type, ...] = (Artifact, LogGroup, Role, Function, GlueJob, StateMachine)


@dataclass(frozen=True)
class Outcome:
    """One change after the attempt; `error` is None when it worked."""

    change: Change
    error: Exception | None = None


Progress = Callable[[Outcome], None]


def apply(plan: Plan, account: Account, progress: Progress = lambda _: None) -> tuple[Change, ...]:
    """Carries out the plan; returns the changes done. Raises ApplyError that says how far it came.

    Kinds follow each other, changes of one kind run side by side; after a failure, or Ctrl-C, nothing new is
    started and what has begun is waited for.
    """
    done: list[Change] = []
    for stage in stages(plan):
        outcomes, interrupted = _run(stage, account, progress)
        done.extend(outcome.change for outcome in outcomes if outcome.error is None)
        failed = [outcome for outcome in outcomes if outcome.error is not None]
        if failed or interrupted:
            raise ApplyError(_explain(plan, done, failed)) from (failed[0].error if failed else None)
    return tuple(done)


def stages(plan: Plan) -> list[list[Change]]:
    """Changes grouped by kind in the order they depend on each other, deletions last and backwards."""
    makes = [change for change in plan.changes if not isinstance(change, Delete)]
    forwards = [[change for change in makes if isinstance(change.want, kind)] for kind in _ORDER]
    backwards: list[list[Change]] = [
        [change for change in plan.deletes if isinstance(change.have, kind)] for kind in reversed(_ORDER)
    ]
    return [stage for stage in [*(list[Change](stage) for stage in forwards), *backwards] if stage]


def _run(stage: Sequence[Change], account: Account, progress: Progress) -> tuple[list[Outcome], bool]:
    """Outcomes of the changes that were begun, and whether Ctrl-C came meanwhile."""
    interrupted = False
    with ThreadPoolExecutor(WRITERS) as pool:
        futures = [pool.submit(_attempt, change, account) for change in stage]
        try:
            for future in as_completed(futures):
                progress(future.result())
        except KeyboardInterrupt:
            interrupted = True
            pool.shutdown(cancel_futures=True)
    return [future.result() for future in futures if not future.cancelled()], interrupted


def _attempt(change: Change, account: Account) -> Outcome:
    try:
        carry_out(change, account)
    except (ClientError, BotoCoreError, DeployerError, OSError) as error:
        return Outcome(change, error)
    return Outcome(change)


def carry_out(change: Change, account: Account) -> None:
    """One change through the adapter of its kind."""
    match change:
        case Create(want):
            _adapter(account, want).create(want)
        case Update(have, want):
            _adapter(account, want).update(have, want)
        case Delete(have):
            _adapter(account, have).delete(have)
        case _ as never:
            assert_never(never)


def _adapter(account: Account, resource: Resource) -> Adapter[Any]:
    return account.by_type()[type(resource)]


def _explain(plan: Plan, done: Sequence[Change], failed: Sequence[Outcome]) -> str:
    broken = {outcome.change.key for outcome in failed}
    finished = {change.key for change in done}
    waiting = [str(change.key) for change in plan.changes if change.key not in broken | finished]
    lines = [f"{len(failed)} of {len(plan.changes)} changes failed" if failed else "interrupted"]
    lines += [f"failed: {outcome.change.key}: {outcome.error}" for outcome in failed]
    lines += [f"done: {', '.join(str(change.key) for change in done) or 'nothing'}"]
    lines += [f"not started: {', '.join(waiting) or 'nothing'}"]
    lines += ["what is done stays; mend the cause and run deploy again: it carries on with what is left"]
    return "\n".join(lines)
