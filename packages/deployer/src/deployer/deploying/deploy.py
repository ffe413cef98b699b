"""The second half of a deploy, a rollback and a destroy: from a prepared plan to a recorded release.

`deploy` is all of it, in order; the first half is `prepare.prepare`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deployer.applying.apply import apply
from deployer.applying.attempt import Listener, Run
from deployer.deploying.deployment import Prepared
from deployer.deploying.locked import locked
from deployer.deploying.pruning import prune
from deployer.deploying.release_record import Author, manifest_of, with_activation
from deployer.guard.journal import during
from deployer.guard.lock_session import LockWait
from deployer.planning.plan import Change


@dataclass(frozen=True)
class Reporter:
    """Shows a deploy: `progress` surrounds the changes, the others are called when something is done."""

    progress: Callable[[Sequence[Change]], AbstractContextManager[Listener]] = lambda _: nullcontext(
        Listener()
    )
    applied: Callable[[Sequence[Change]], None] = lambda _: None
    pruned: Callable[[Sequence[str]], None] = lambda _: None


@dataclass(frozen=True)
class DeployOptions:
    """What the deploy is called (deploy, rollback, canary 10), how long it waits for the lock, how many releases stay.

    Without `keep` nothing is pruned.
    """

    how: str
    wait: LockWait = field(default_factory=LockWait)
    keep: int | None = None
    reporter: Reporter = field(default_factory=Reporter)


def deploy(prepared: Prepared, options: DeployOptions) -> tuple[Change, ...]:
    """Applies the plan under the deploy lock; returns the changes done.

    Raises LockError when another deploy has the lock, PlanRefused when one ran since the plan was made, ApplyError
    when a change failed.
    """
    changes = prepared.plan.changes
    doing = f"{options.how} of release {prepared.release}" if prepared.release else options.how
    with locked(prepared.deployment, doing, options.wait) as lock:
        lock.refuse_overtaken(prepared.last)
        with lock.recording(str(change.key) for change in changes):
            author = Author(str(lock.holder), lock.holder.build_url)
            with options.reporter.progress(changes) as listener:
                run = Run(prepared.account.adapters, listener, during, lock.stop.requested)
                done = make_live(prepared, options.how, author, run)
            options.reporter.applied(done)
            if options.keep is not None:
                options.reporter.pruned(prune(prepared, options.keep))
    return done


def make_live(
    prepared: Prepared,
    how: str,
    author: Author,
    run: Run,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> tuple[Change, ...]:
    """Stores the manifest, applies the plan, records that the release went live.

    The manifest is stored first, so that a rollback knows a release whose deploy failed. Raises ApplyError.
    """
    manifests = prepared.deployment.manifests
    manifest = manifest_of(prepared, now())
    if manifest:
        manifests.put(manifest)
    done = apply(prepared.plan, run)
    if manifest:
        manifests.put(with_activation(manifest, how, author, prepared.account, now()))
    return done


def is_pending(prepared: Prepared) -> bool:
    """True when there is something to do: changes, or the rest of a deploy that was killed at its end.

    That rest is the record of a release that is live without one, or old releases that were to be pruned.
    """
    if prepared.plan.changes or prepared.release is None:
        return bool(prepared.plan.changes)
    unrecorded = prepared.live is None or not prepared.live.activations
    return unrecorded or prepared.last.interrupted
