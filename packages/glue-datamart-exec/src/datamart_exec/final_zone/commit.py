"""Commits a chain of states as one change of the catalog: snapshots, the tags of their days, and the current state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.table import Table, Transaction
from pyiceberg.table.refs import MAIN_BRANCH, SnapshotRefType
from pyiceberg.table.update import AssertRefSnapshotId, RemoveSnapshotRefUpdate, SetSnapshotRefUpdate

from datamart_exec.errors import DatamartError
from datamart_exec.final_zone.rewrite import State
from datamart_exec.final_zone.states import Known, Step, Tagged

EDGE = "cars.edge-day"  # table property: the day of the state before the change zone's oldest day
SCRATCH = "landing"  # a branch that exists only inside the transaction


def known(table: Table) -> Known:
    """The tagged states of a table. Their data files are read when they are asked for."""
    days: dict[date, Tagged] = {}
    loads: dict[date, Tagged] = {}
    for name, ref in table.refs().items():
        day = _day(name.removeprefix("load-"))
        if day is not None and ref.snapshot_ref_type == SnapshotRefType.TAG:
            held = Tagged(ref.snapshot_id, lambda snapshot_id: _files(table, snapshot_id))
            (loads if name.startswith("load-") else days)[day] = held
    return Known(days, loads, _day(table.properties.get(EDGE, "")))


def _files(table: Table, snapshot_id: int) -> State:
    return tuple(task.file for task in table.scan(snapshot_id=snapshot_id).plan_files())


def commit(
    table: Table, steps: Sequence[Step], properties: Mapping[str, str], withdrawn: Iterable[str] = ()
) -> None:
    """Make every step a snapshot with its tag; the last one becomes the current state. All of it or nothing.

    `properties` go into each snapshot's summary; the tags `withdrawn` go. Raises `DatamartError` when somebody else
    committed meanwhile.
    """
    head = table.metadata.refs.get(MAIN_BRANCH)
    # the first requirement of a kind is the one that counts: nobody has moved `main` since it was read
    unmoved = AssertRefSnapshotId(ref=MAIN_BRANCH, snapshot_id=head.snapshot_id if head else None)
    with commit_errors(table), table.transaction() as transaction:
        transaction._apply((), (unmoved,))
        last: int | None = None
        for step in steps:
            last = _snapshot(transaction, step, step.parent or last, properties)
            if step.tag:
                _point(transaction, step.tag, SnapshotRefType.TAG, last)
        for tag in set(withdrawn) & table.refs().keys():
            transaction._apply((RemoveSnapshotRefUpdate(ref_name=tag),))
        if last is not None:
            _point(transaction, MAIN_BRANCH, SnapshotRefType.BRANCH, last)


@contextmanager
def commit_errors(table: Table) -> Iterator[None]:
    """Raise a lost race as `DatamartError`."""
    try:
        yield
    except CommitFailedException as error:
        raise DatamartError(
            f"final zone {'.'.join(table.name())}: somebody else committed at the same time ({error});"
            " nothing was changed, run it again"
        ) from error


def _snapshot(transaction: Transaction, step: Step, parent: int | None, properties: Mapping[str, str]) -> int:
    """The id of a step's snapshot; its parent's where no file changes."""
    if parent is not None and not step.added and not step.removed:
        return parent
    branch = MAIN_BRANCH  # a first snapshot can only be made there
    if parent is not None:
        branch = SCRATCH
        _point(transaction, branch, SnapshotRefType.BRANCH, parent)
    summary = {**properties, "cars.tag": step.tag or ""}
    with transaction.update_snapshot(snapshot_properties=summary, branch=branch).overwrite() as files:
        for file in step.added:
            files.append_data_file(file)
        for file in step.removed:
            files.delete_data_file(file)
    made = transaction.table_metadata.refs[branch].snapshot_id
    if branch == SCRATCH:
        transaction._apply((RemoveSnapshotRefUpdate(ref_name=branch),))
    return made


def _point(transaction: Transaction, name: str, kind: SnapshotRefType, snapshot_id: int) -> None:
    """Make a tag or branch name a snapshot."""
    update = SetSnapshotRefUpdate(
        ref_name=name,
        type=kind,
        snapshot_id=snapshot_id,
        max_ref_age_ms=None,
        max_snapshot_age_ms=None,
        min_snapshots_to_keep=None,
    )
    transaction._apply((update,))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
