"""Deletes old releases: never the live one, those a rollback may need, nor one that an execution may still read.

A release is marked in `current.json` before its objects are deleted, by a conditional write. So no push and no rollback
that began before can still switch to it, and one that begins meanwhile is refused.
"""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployer.config_release.inventory import Inventory, StoredRelease, inventory
from deployer.config_release.pointer import LONGEST_PRUNE, Pointer
from deployer.config_release.store import ReleaseStore
from deployer.errors import ReleaseError

KEEP = 10
# UploadConfig writes for 15 minutes at most; AWS refuses calls of clocks that differ by more than 15.
SLACK = timedelta(hours=1)
_TRIES = 5


@dataclass(frozen=True)
class Rules:
    """How many complete releases to keep beside the live one, those that executions run, and the longest execution."""

    keep: int
    pinned: Collection[str]
    longest_run: timedelta


@dataclass(frozen=True)
class Old:
    """A release to delete, and why."""

    release: str
    why: str
    names: tuple[str, ...]


def old_releases(found: Inventory, rules: Rules, now: datetime) -> tuple[Old, ...]:
    """The releases to delete. Pure.

    Kept are the live one, the `keep` complete ones that were in force last, and any that an execution may read: it runs
    one, or it began when the release was in force, less than the longest execution ago. What a dead push left behind
    goes when no push can still be writing it. Without a pointer there is nothing to hold pushes off with: nothing goes.
    """
    return tuple(_old(found, rules, now)) if found.pointer.release else ()


def _old(found: Inventory, rules: Rules, now: datetime) -> Iterator[Old]:
    complete = [item.release for item in found.releases if item.is_complete]
    kept = {found.pointer.release, *rules.pinned, *_last(complete, found.pointer, rules.keep)}
    for stored in found.releases:
        if stored.release in kept or found.pointer.is_being_removed(stored.release, now):
            continue
        if now < _free_from(stored, found.pointer, rules.longest_run):
            continue
        why = f"not among the last {rules.keep}" if stored.is_complete else stored.state
        yield Old(stored.release, why, tuple(sorted(stored.objects)))


def _last(complete: list[str], pointer: Pointer, keep: int) -> list[str]:
    """The `keep` releases before the live one; those whose deletion has begun are not among them."""
    earlier = [release for release in complete if release != pointer.release]
    return [release for release in earlier if release not in pointer.removing][:keep]


def _free_from(stored: StoredRelease, pointer: Pointer, longest_run: timedelta) -> datetime:
    """The moment from which neither an execution nor a push can need the release."""
    left = pointer.out_of_force_since(stored.release)
    if left is None and stored.is_complete and pointer.last_switch(stored.release) is None:
        left = stored.modified  # it may have been in force before there was a history
    return SLACK + (max(stored.modified, left + longest_run) if left else stored.modified)


def prune(
    store: ReleaseStore, rules: Rules, now: datetime, clock: Callable[[], float] = time.monotonic
) -> tuple[Old, ...]:
    """Deletes old releases and returns them. Raises ReleaseError; what is not deleted then is left to the next prune."""
    began = clock()
    found = inventory(store)
    doomed = old_releases(found, rules, now)
    if not doomed:
        return ()
    names = tuple(old.release for old in doomed)
    store.write(found.pointer.marked(names, now))
    for old in doomed:
        if clock() - began > LONGEST_PRUNE.total_seconds() / 2:
            raise ReleaseError(
                f"pruning takes too long, it stopped before release {old.release}; the next prune continues"
            )
        store.delete(old.release, old.names)
    _unmark(store, names)
    return doomed


def _unmark(store: ReleaseStore, names: tuple[str, ...]) -> None:
    """Takes the marks off, also when pushes switch the pointer at the same time."""
    for left in reversed(range(_TRIES)):
        try:
            store.write(store.current().unmarked(names))
        except ReleaseError:
            if not left:
                raise
        else:
            return
